"""Cuts a CSV file, plain or gzipped, into blocks of whole rows.

The definition of a row is Arrow's: it ends outside quotes, at a line feed, a carriage return, or
both. An empty line is not a row. A field is in quotes if it begins with a quote.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from components.errors import Problems, UserError

BLOCK_BYTES = 1 << 20
"""The number of bytes to read at a time, and the limit of a row and of the comments at the top."""

Offsets = npt.NDArray[np.int64]

_QUOTED_FIELD = re.compile(rb'(?<![^,\r\n])"[^"]*(?:""[^"]*)*"?')
_COMMA, _QUOTE, _LINE_FEED, _CARRIAGE_RETURN = b',"\n\r'


class Block(NamedTuple):
    """Some complete rows.

    Attributes:
        data: The bytes of the rows.
        line: The number of the first line in the file, from 1.
    """

    data: bytes
    line: int

    def has_rows(self) -> bool:
        """Returns whether any line is not empty."""
        return bool(self.data.strip(b"\r\n"))

    def line_at(self, offset: int) -> int:
        """Returns the number of the line that an offset in `data` belongs to."""
        characters = np.frombuffer(self.data, np.uint8, offset)
        feeds = characters == _LINE_FEED
        lines = np.count_nonzero(feeds)
        if b"\r" in self.data:
            returns = characters == _CARRIAGE_RETURN
            lines += np.count_nonzero(returns) - np.count_nonzero(returns[:-1] & feeds[1:])
        return self.line + int(lines)

    def since(self, offset: int) -> Block:
        """Returns the part of the block that begins at an offset."""
        return Block(self.data[offset:], self.line_at(offset))


def read_blocks(file: Path, comment: str, problems: Problems) -> Iterator[Block]:
    """Yields the blocks of a file, without a byte order mark and the comments at the top.

    Args:
        file: The file; gzipped if its name ends in `.gz`.
        comment: A prefix that marks leading lines as comments, or "".
        problems: Receives a problem if the rest of the file is unreadable.

    Raises:
        UserError: The file cannot be opened, or `problems` is full.
    """
    with _open(file) as stream:
        rest, at_top, more = Block(b"", 1), True, True
        while more:
            try:
                chunk = stream.read(BLOCK_BYTES)
            except OSError as error:
                problems.add(_damage(file, rest, error))
                return
            more = bool(chunk)
            block = Block(rest.data + chunk, rest.line)
            if at_top:
                if not more:
                    problems.add(f"{file} is empty. Give a file with rows.")
                    return
                block = _without_top(file, block, comment)
                at_top = False
            end = _end_of_rows(block.data, more)
            yield Block(block.data[:end], block.line)
            rest = block.since(end)
            if len(rest.data) >= BLOCK_BYTES:
                problems.add(
                    f"{file}, line {rest.line} is longer than {BLOCK_BYTES:,} bytes. "
                    "Check that this is a CSV file and that all quotes are closed."
                )
                return
        if rest.data:
            problems.add(f"{file}, line {rest.line}: A quote is not closed. Close or remove it.")


def row_starts(data: bytes) -> Offsets:
    """Returns the offsets at which the rows of a block begin."""
    ends, _ = _row_ends(data)
    starts = np.concatenate(([0], ends + 1))
    return starts[starts < np.append(ends, len(data))]  # An empty line starts where it ends.


def _open(file: Path) -> pa.NativeFile:
    if file.is_dir():
        raise UserError(f"{file} is a folder, not a CSV file. Put the file in its place.")
    try:
        return pa.input_stream(str(file))
    except FileNotFoundError as error:
        raise UserError(f"{file} does not exist. Check the path.") from error
    except OSError as error:
        raise UserError(f"{file} cannot be opened ({error.strerror}). Check the file.") from error


def _damage(file: Path, rest: Block, error: OSError) -> str:
    line = rest.line_at(len(rest.data))
    if file.suffix == ".gz":
        return (
            f"{file} is a damaged gzip file ({error}), at line {line} or soon after it. "
            "Download or create the file again."
        )
    return f"{file}, line {line} cannot be read ({error}). Check the disk and the file."


def _without_top(file: Path, block: Block, comment: str) -> Block:
    """Cuts off a byte order mark and comments."""
    is_whole_file = len(block.data) < BLOCK_BYTES
    block = Block(block.data.removeprefix(codecs.BOM_UTF8), block.line)
    if not comment:
        return block
    line_start = rb"(?:\A|(?<=\n)|(?<=\r)(?!\n))"
    prefix = re.escape(comment.encode())
    first_row = re.search(rb"%s(?!%s|\Z)" % (line_start, prefix), block.data)
    if first_row:
        return block.since(first_row.start())
    if not is_whole_file:
        raise UserError(
            f"{file} begins with more than {BLOCK_BYTES:,} bytes of comments ('{comment}'). "
            "Remove them."
        )
    return block.since(len(block.data))


def _end_of_rows(data: bytes, more: bool) -> int:
    """Returns the offset after the last whole row."""
    # After a carriage return at the end, a line feed may come with the next block.
    limit = len(data) - data.endswith(b"\r")
    if b'"' not in data:
        last_end = max(data.rfind(b"\n", 0, limit), data.rfind(b"\r", 0, limit))
        return last_end + 1 if more else len(data)
    ends, in_quotes = _row_ends(data)
    if more or in_quotes:
        return int(ends[ends < limit].max(initial=-1)) + 1
    return len(data)


def _row_ends(data: bytes) -> tuple[Offsets, bool]:
    """Finds the line breaks that are not in quotes, and whether the last quote is not closed."""
    characters = np.frombuffer(data, np.uint8)
    is_end = characters == _LINE_FEED
    if b"\r" in data:
        is_end |= characters == _CARRIAGE_RETURN
    ends = np.flatnonzero(is_end)
    if b'"' not in data:
        return ends, False
    starts, stops = _quoted_fields(data, characters)
    if not len(starts):
        return ends, False
    field = np.searchsorted(starts, ends) - 1
    inside = (field >= 0) & (ends < stops[field])
    return ends[~inside], bool(stops[-1] > len(data))


def _quoted_fields(data: bytes, characters: npt.NDArray[np.uint8]) -> tuple[Offsets, Offsets]:
    """Finds the starts and ends of fields in quotes. An unclosed field ends after the data."""
    quotes = np.flatnonzero(characters == _QUOTE)
    before = characters[quotes[::2] - 1]
    at_field_start = np.isin(before, (_COMMA, _QUOTE, _LINE_FEED, _CARRIAGE_RETURN))
    if np.all(at_field_start | (quotes[::2] == 0)):
        # Every other quote opens a field or is the first of two quotes that stand for one. This is
        # ten times as fast as the regular expression below, which allows quotes in other fields.
        return quotes[::2], np.append(quotes[1::2] + 1, [len(data) + 1] * (len(quotes) % 2))
    fields = list(_QUOTED_FIELD.finditer(data))
    stops = [field.end() + field[0].count(b'"') % 2 for field in fields]
    return np.array([field.start() for field in fields], int), np.array(stops, int)
