"""Texts in a tar.gz."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from components.errors import Problems, UserError, quote
from components.example_gen.files import open_file
from components.text_example_gen.folder import Parse, Text, is_too_long
from components.text_example_gen.tar import TarError, TarReader

MAX_BYTES = 1 << 36
"""Size of an unpacked archive: 64 GiB."""

MAX_RATIO = 100
"""Unpacked to packed size. It is 6 for IMDB, 90 for files of one word, and 1,000 for zeros."""

MIN_BYTES_FOR_RATIO = 1 << 26
"""64 MiB take 0.1 s to unpack, whatever they contain."""


def is_archive(file: str) -> bool:
    """Whether the name is that of a gzipped tar."""
    return file.endswith((".tar.gz", ".tgz"))


def read_archive(file: str, parse: Parse, problems: Problems) -> Iterator[Text]:
    """Yields the texts of an archive without unpacking anything to disk.

    Args:
        file: The path of a tar.gz.
        parse: Selects the texts; other members are skipped.
        problems: Collects the texts that cannot be read.

    Raises:
        UserError: The archive is damaged, has no end marker, unpacks to an excessive size, contains
            anything but regular files and folders, or has paths that lead out of it.
    """
    last = "its beginning"
    with open_file(file, "a tar.gz archive") as packed, gzip.open(packed) as unpacked:
        reader = TarReader(cast(BinaryIO, unpacked), _max_bytes(file))
        try:
            for member in reader:
                last = f"member {quote(member.name)}"
                name = f"{file}, {last}"
                if _leads_out(member.name):
                    raise UserError(f"{name} leads out of the archive. Do not trust this file.")
                found = parse(name, member.name) if member.is_file else None
                if found is not None and not is_too_long(name, member.size, problems):
                    yield name, found, reader.read()
        except (TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
            if isinstance(error, gzip.BadGzipFile) and not unpacked.tell():
                raise UserError(f"{file} is not a tar.gz archive. Give a gzipped tar.") from error
            what = error if isinstance(error, TarError) else f"the gzip data is damaged ({error})"
            raise UserError(
                f"{file} cannot be read at byte {reader.offset:,} of the unpacked archive, after "
                f"{last}: {what}. Download it again, or pack its files again with 'tar -czf'."
            ) from error


def _max_bytes(file: str) -> int:
    return min(MAX_BYTES, max(MIN_BYTES_FOR_RATIO, MAX_RATIO * Path(file).stat().st_size))


def _leads_out(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/")
