"""Texts in a folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from components.errors import UserError

LONGEST_TEXT = 1 << 20
"""Bytes; a text that is longer is none that a person wrote."""


def read_folder(
    file: str, parse: Callable[[str], re.Match[str] | None]
) -> Iterator[tuple[str, re.Match[str], bytes]]:
    """Yields a file's path, what it says, and its content; nothing if it is no text.

    Raises:
        UserError: The file is no regular one, too long, or cannot be read.
    """
    found = parse(Path(file).as_posix())
    if found is None:
        return
    try:
        if not Path(file).is_file():
            raise UserError(f"{file} is no regular file; remove it.")
        with Path(file).open("rb") as opened:
            content = opened.read(LONGEST_TEXT + 1)
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror}); mend or remove it.") from error
    require_length(file, len(content))
    yield file, found, content


def require_length(name: str, length: int) -> None:
    """Refuses a text that is too long.

    Raises:
        UserError: It is.
    """
    if length > LONGEST_TEXT:
        raise UserError(
            f"{name} is longer than {LONGEST_TEXT:,} bytes; is this a text? Remove or shorten it."
        )
