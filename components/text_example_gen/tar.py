"""Reads tars that come from outside, and may be made to do harm, as a stream.

Python's tarfile takes a damaged header for the end of the archive, and expands sparse files and
chains of headers before anyone can check their sizes. This reader knows only regular files,
folders, and the headers that name them. It refuses everything else at the header.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from components.errors import quote

MAX_HEADER_BYTES = 1 << 16
"""Size of a header that names the next member. A path has at most 4,096 bytes."""

MAX_PADDING_BYTES = 1 << 20
"""Zeros after the end marker. GNU tar fills up its last record, which has 10,240 bytes."""

_BLOCK = tarfile.BLOCKSIZE
_END = bytes(_BLOCK)
_CHUNK_BYTES = 1 << 16
_FILES = {tarfile.REGTYPE, tarfile.AREGTYPE}
_NAME_HEADERS = {tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE}
_KINDS = {*_FILES, tarfile.DIRTYPE, *_NAME_HEADERS, tarfile.XGLTYPE}
_PAX_LENGTH = re.compile(rb"(\d{1,5}) ")


class TarError(Exception):
    """The archive is damaged, or contains what this reader refuses. The message is a clause."""


class Member(NamedTuple):
    """A regular file or a folder.

    Attributes:
        name: The path inside the archive.
        size: The size of the content in bytes.
        is_file: Whether it is a file.
    """

    name: str
    size: int
    is_file: bool


class TarReader:
    """The members of a tar, in order.

    Attributes:
        offset: The position, in the unpacked archive, of the header that was read last.
    """

    def __init__(self, stream: BinaryIO, max_bytes: int):
        """Starts at the beginning of the stream.

        Args:
            stream: The unpacked archive.
            max_bytes: The largest size of the unpacked archive.
        """
        self.offset = 0
        self._stream = stream
        self._max_bytes = max_bytes
        self._next_offset = 0
        self._unread = 0
        self._padding = 0

    def __iter__(self) -> Iterator[Member]:
        """Yields the members. `read` returns the content of the last one.

        Raises:
            TarError: The archive is damaged, too large, or has no end marker, or a member is
                neither a regular file nor a folder.
        """
        name = ""
        while (header := self._next_header()) is not None:
            if header.type == tarfile.XGLTYPE:
                self._pax_path(header)
            elif header.type in _NAME_HEADERS:
                if name:
                    raise TarError("a header that names a member follows another one")
                is_pax = header.type == tarfile.XHDTYPE
                name = self._pax_path(header) if is_pax else self._long_name(header)
            else:
                yield Member(name or header.name, header.size, header.type in _FILES)
                name = ""
        self._check_end()

    def read(self) -> bytes:
        """Reads the content of the current member."""
        content = self._take(self._unread)
        self._unread = 0
        return content

    def _next_header(self) -> tarfile.TarInfo | None:
        """Reads the next header; None at the end marker."""
        self._skip(self._unread + self._padding)
        self.offset = self._next_offset
        block = self._take(_BLOCK)
        if block == _END:
            return None
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError as error:
            raise TarError(f"the header is damaged ({error})") from error
        if header.type not in _KINDS:
            raise TarError(
                f"{quote(header.name)} is neither a regular file nor a folder, "
                "but a link, a device, or a sparse file"
            )
        if header.size < 0 or (header.type == tarfile.DIRTYPE and header.size):
            raise TarError(f"{quote(header.name)} claims {header.size:,} bytes")
        self._unread, self._padding = header.size, -header.size % _BLOCK
        self._next_offset = self.offset + _BLOCK + self._unread + self._padding
        if self._next_offset > self._max_bytes:
            raise TarError(f"the archive unpacks to more than {self._max_bytes:,} bytes")
        return header

    def _long_name(self, header: tarfile.TarInfo) -> str:
        return _decode(self._header_content(header).partition(b"\0")[0])

    def _pax_path(self, header: tarfile.TarInfo) -> str:
        """Returns the path of a pax header, "" if it has none.

        Raises:
            TarError: The header is damaged, or changes how the archive is to be read.
        """
        path = ""
        for key, value in _pax_records(self._header_content(header)):
            is_local_path = key == b"path" and header.type == tarfile.XHDTYPE
            if is_local_path:
                path = _decode(value)
            elif key in (b"path", b"size") or key.startswith(b"GNU.sparse."):
                raise TarError(f"the pax header {quote(_decode(key))} is not supported")
        return path

    def _header_content(self, header: tarfile.TarInfo) -> bytes:
        if header.size > MAX_HEADER_BYTES:
            raise TarError(f"{quote(header.name)} is a header that claims {header.size:,} bytes")
        return self.read()

    def _check_end(self) -> None:
        if self._take(_BLOCK) != _END:
            raise TarError("the end marker is cut off")
        padding = 0
        while chunk := self._stream.read(_CHUNK_BYTES):
            padding += len(chunk)
            if padding > MAX_PADDING_BYTES or chunk.strip(b"\0"):
                raise TarError("the archive continues after its end marker")

    def _skip(self, size: int) -> None:
        while size:
            size -= len(self._take(min(size, _CHUNK_BYTES)))

    def _take(self, size: int) -> bytes:
        content = self._stream.read(size)
        if len(content) < size:
            raise TarError("the archive ends without its end marker")
        return content


def _pax_records(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    r"""Yields the keys and values of `LENGTH KEY=VALUE\n` records."""
    start = 0
    while start < len(content):
        length = _PAX_LENGTH.match(content, start)
        if length is None:
            raise TarError("the pax header is damaged")
        end = start + int(length[1])
        key, equals, value = content[length.end() : end].partition(b"=")
        if not equals or not value.endswith(b"\n") or end > len(content):
            raise TarError("the pax header is damaged")
        yield key, value[:-1]
        start = end


def _decode(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
