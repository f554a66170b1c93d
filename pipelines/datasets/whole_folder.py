"""Creates folders of data that are either complete or absent."""

import filecmp
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from components.errors import UserError


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Yields a new folder to fill, which becomes `folder` at the end of the `with` body.

    An interruption leaves no `folder`, so a folder that exists is complete. If it exists already,
    for example because another process was faster, it must have the same files.

    Args:
        folder: The folder. Missing parents are created.

    Yields:
        The folder to fill, on the same file system.

    Raises:
        UserError: The files cannot be written, or `folder` has another content.
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
            f"Cannot write {folder}: {error.strerror or error}. "
            "Free some space, move the folder away, or choose another one."
        ) from error


def _holds(folder: Path, filling: Path) -> bool:
    """Returns whether `folder` has the same files as `filling`, byte for byte."""
    names = [str(path.relative_to(filling)) for path in filling.rglob("*") if path.is_file()]
    same, _, _ = filecmp.cmpfiles(filling, folder, names, shallow=False)
    return len(same) == len(names)
