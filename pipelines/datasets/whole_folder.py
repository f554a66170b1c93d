"""Folders of data that are there whole or not at all."""

import filecmp
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from components.errors import UserError


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A new folder to fill, which becomes `folder` at the end of the `with` block.

    What is interrupted leaves no `folder`, so one that is there is whole. If `folder` is
    there already (another process may have been quicker), it must hold the same files.

    Args:
        folder: where the files will be; its parents are made where they are missing.

    Yields:
        The folder to fill, on the same file system.

    Raises:
        UserError: if the files cannot be written, or `folder` holds something else.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as parent:
            filling = Path(parent) / folder.name
            filling.mkdir()
            yield filling
            try:
                filling.rename(folder)
            except OSError:
                if not _holds(folder, filling):
                    raise
    except OSError as error:
        raise UserError(
            f"cannot write {folder}: {error.strerror or error}; "
            "free some space, delete what is there or choose another folder"
        ) from error


def _holds(folder: Path, filling: Path) -> bool:
    """Returns whether `folder` has the same files as `filling`, byte for byte."""
    names = [str(path.relative_to(filling)) for path in filling.rglob("*") if path.is_file()]
    same, _, _ = filecmp.cmpfiles(filling, folder, names, shallow=False)
    return len(same) == len(names)
