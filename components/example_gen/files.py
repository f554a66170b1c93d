"""Opens data files, and recognizes the ones that operating systems leave behind."""

from __future__ import annotations

import io
import os
from pathlib import Path, PurePath

from components.errors import UserError

_SYSTEM_FILES = {"thumbs.db", "ehthumbs.db", "desktop.ini"}
"""Files that Windows writes into folders, in lowercase. Those of macOS and Linux start with "."."""


def is_system_file(path: PurePath) -> bool:
    """Whether an operating system, not the user, put the file into its folder."""
    return path.name.startswith(".") or path.name.lower() in _SYSTEM_FILES


def open_file(path: str | Path, kind: str) -> io.BufferedReader:
    """Opens a data file that is not empty.

    Args:
        path: The path, which messages repeat as it is.
        kind: What the file must be, with an article, such as "an image".

    Raises:
        UserError: There is no such file, it is a folder or a device, or it is empty or unreadable.
    """
    path = Path(path)
    try:
        # A pipe or a device could block or never end.
        if not path.is_file() and path.exists():
            what = "a folder" if path.is_dir() else "a pipe or a device"
            raise UserError(f"{path} is {what}, not {kind}. Replace it with {kind} or remove it.")
        file = path.open("rb")
        if not os.fstat(file.fileno()).st_size:
            file.close()
            raise UserError(
                f"{path} is an empty file, not {kind}. Replace it with {kind} or remove it."
            )
    except FileNotFoundError:
        raise UserError(f"{path} does not exist. Add {kind} of that name.") from None
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}. Make it readable or remove it."
        ) from error
    return file
