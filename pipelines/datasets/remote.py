"""Downloads declared as data, so that a tutorial's declaration can list its files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath


@dataclass(frozen=True)
class RemoteFile:
    """A file to download.

    Attributes:
        name: The file name in the data set's folder, without a path.
        urls: The addresses, the official one first, then mirrors. http or https.
        size: The length in bytes, or None if the source does not publish it.
        sha256: The SHA-256 of the content, 64 hexadecimal digits in lower case.
        members: If the file is a tar archive, the files to unpack from it: path in the archive and
            in the data set's folder -> SHA-256. With all of them there, the archive is not needed.

    Raises:
        ValueError: An attribute has another form, which is a mistake in the declaration.
    """

    name: str
    urls: tuple[str, ...]
    size: int | None
    sha256: str
    members: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name in ("", ".", "..") or "/" in self.name or "\\" in self.name:
            raise ValueError(f"{self.name!r} is not a plain file name.")
        if not self.urls or not all(is_http(url) for url in self.urls):
            raise ValueError(f"{self.name}: urls must be http or https addresses: {self.urls}.")
        if self.size is not None and self.size < 0:
            raise ValueError(f"{self.name}: size is negative: {self.size}.")
        for path in self.members:
            if path == self.name or not _is_below(path):
                raise ValueError(f"{self.name}: {path!r} is not a path below the data folder.")
        for sha256 in (self.sha256, *self.members.values()):
            if not re.fullmatch("[0-9a-f]{64}", sha256):
                raise ValueError(f"{self.name}: not a SHA-256 in lower case: {sha256!r}.")


def is_http(url: str) -> bool:
    """Returns whether `url` starts with http:// or https://."""
    return re.match("https?://[^/]", url) is not None


def _is_below(path: str) -> bool:
    """Returns whether a path stays in its folder and is written in the shortest way."""
    plain = PurePosixPath(path)
    return (
        path not in ("", ".")
        and path == str(plain)
        and not plain.is_absolute()
        and not {"..", "\\"} & {*plain.parts, *path}
    )
