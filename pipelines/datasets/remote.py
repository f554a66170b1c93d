"""Downloads declared as data, so that a tutorial's declaration can list its files."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class RemoteFile:
    """A file to download.

    Attributes:
        name: its name in the data set's folder; no path.
        urls: where it is to be had, the official address first, then mirrors; http or https.
        size: its length in bytes, or None where the source does not say.
        sha256: the SHA-256 of its content, 64 hexadecimal digits.

    Raises:
        ValueError: if an attribute is not of that form, which is a mistake in the declaration.
    """

    name: str
    urls: tuple[str, ...]
    size: int | None
    sha256: str

    def __post_init__(self) -> None:
        if self.name in ("", ".", "..") or "/" in self.name or "\\" in self.name:
            raise ValueError(f"{self.name!r} is not a plain file name")
        if not self.urls or not all(is_http(url) for url in self.urls):
            raise ValueError(f"{self.name}: urls must be http or https addresses: {self.urls}")
        if self.size is not None and self.size < 0:
            raise ValueError(f"{self.name}: size is negative: {self.size}")
        if not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise ValueError(f"{self.name}: not a SHA-256 in lower case: {self.sha256!r}")


def is_http(url: str) -> bool:
    """Whether `url` starts with http:// or https://."""
    return re.match("https?://[^/]", url) is not None
