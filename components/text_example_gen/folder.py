"""Texts in a folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from components.errors import Problems, UserError
from components.example_gen.files import open_file

MAX_TEXT_BYTES = 1 << 20
"""No person writes a longer text."""

Text = tuple[str, re.Match[str], bytes]
"""The name for messages, the parsed path, and the content."""

Parse = Callable[[str, str], re.Match[str] | None]
"""Parses the path of a text, given its name for messages and its path; None for other files."""


def read_folder(file: str, parse: Parse, problems: Problems) -> Iterator[Text]:
    """Yields the text of a file; nothing if it is not a text.

    Args:
        file: The path of a file.
        parse: Selects the texts; other files are skipped.
        problems: Collects the texts that cannot be read.
    """
    found = parse(file, Path(file).as_posix())
    if found is None:
        return
    try:
        with open_file(file, "a text") as opened:
            content = opened.read(MAX_TEXT_BYTES + 1)
    except UserError as error:
        problems.add(str(error))
        return
    if not is_too_long(file, len(content), problems):
        yield file, found, content


def is_too_long(name: str, size: int, problems: Problems) -> bool:
    """Whether a text is too long, which is a problem.

    Args:
        name: The name of the text for messages.
        size: Its size in bytes.
        problems: Collects the problem.
    """
    if size > MAX_TEXT_BYTES:
        problems.add(f"{name} is longer than {MAX_TEXT_BYTES:,} bytes. Shorten or remove it.")
    return size > MAX_TEXT_BYTES
