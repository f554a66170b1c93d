"""Texts in a tar.gz, which comes from outside and may be made to do harm."""

from __future__ import annotations

import gzip
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from components.errors import UserError
from components.text_example_gen.folder import require_length

MOST_MEMBERS = 10_000_000
MOST_BYTES = 1 << 36
"""Of all members, unpacked: 64 GiB."""

LARGEST_HEADER = 1 << 16
"""Bytes of a member that only names or describes the next one; tarfile reads it as a whole."""

LARGEST_OTHER = 1 << 28
"""Bytes of a member that is no text and passed over; IMDB's largest has 41 million."""

_HEADERS = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)


class _Member(tarfile.TarInfo):
    """A member whose header is judged before tarfile reads what follows it."""

    def _proc_member(self, archive: tarfile.TarFile) -> Any:
        # Between the reading of the header and that of what it describes; `frombuf` is there, too,
        # but newer Pythons pass it by.
        if self.size < 0 or (self.type in _HEADERS and self.size > LARGEST_HEADER):
            raise ValueError(f"member {self.name!a} claims {self.size:,} bytes")
        return super()._proc_member(archive)  # type: ignore[misc]


def is_archive(file: str) -> bool:
    """Whether the name is that of a gzipped tar."""
    return file.endswith((".tar.gz", ".tgz"))


def read_archive(
    file: str, parse: Callable[[str], re.Match[str] | None]
) -> Iterator[tuple[str, re.Match[str], bytes]]:
    """Yields name, what the path says, and content of each text, unpacking nothing to disk.

    Args:
        file: A tar.gz.
        parse: Tells texts by their path; None for members that are none.

    Raises:
        UserError: The archive is damaged, or holds links, devices, paths that lead out of it, or
            more than any data set does.
    """
    members = total = 0
    last = "its beginning"
    try:
        # Not tarfile's own gzip stream, which takes a cut file for one that ends there.
        with (
            gzip.open(file) as unzipped,
            tarfile.open(fileobj=unzipped, mode="r|", tarinfo=_Member) as archive,
        ):
            for member in archive:
                # Else tarfile keeps each that it has seen; it tells of no other way to stop that.
                archive.members.clear()  # type: ignore[attr-defined]
                name = f"{file}, member {member.name!a}"
                members += 1
                total += member.size
                _require_harmless(member, name)
                if members > MOST_MEMBERS or total > MOST_BYTES:
                    raise UserError(
                        f"{name}: the archive unpacks to more than {MOST_BYTES >> 30} GiB or "
                        f"{MOST_MEMBERS:,} files; is this the right one?"
                    )
                last = f"member {member.name!a}"
                found = parse(member.name) if member.isfile() else None
                if found is not None:
                    require_length(name, member.size)
                    content = archive.extractfile(member)
                    assert content is not None  # of a regular file it never is
                    yield name, found, content.read()
            # To the end, where gzip's check sum is.
            while unzipped.read(1 << 20):
                pass
    except gzip.BadGzipFile as error:
        raise UserError(f"{file} is not a gzipped tar ({error}); give a tar.gz.") from error
    except (tarfile.TarError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise UserError(f"{file} is damaged after {last} ({error}); fetch it anew.") from error


def _require_harmless(member: tarfile.TarInfo, name: str) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        raise UserError(f"{name} leads out of the archive; do not trust this file.")
    if not (member.isfile() or member.isdir()):
        raise UserError(f"{name} is a link or a device, not a file; do not trust this file.")
    if member.size > LARGEST_OTHER:
        raise UserError(
            f"{name} has {member.size:,} bytes, more than {LARGEST_OTHER:,}; "
            "do not trust this file."
        )
