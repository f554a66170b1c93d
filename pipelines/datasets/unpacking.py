"""Unpacks single files from a downloaded archive."""

import hashlib
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from components.errors import UserError

_BLOCK = 1 << 18  # bytes copied at a time


def unpack(archive: Path, members: Mapping[str, str], folder: Path) -> None:
    """Unpacks members of a tar archive, each completely or not at all.

    Nothing else is taken from the archive: no links, no attributes, and no other paths.

    Args:
        archive: The tar file, compressed or not.
        members: Path in the archive and below `folder` -> SHA-256.
        folder: The folder to unpack into.

    Raises:
        UserError: The archive is damaged, or a member is missing or is not the expected file.
    """
    try:
        with tarfile.open(archive) as tar:
            parts = {path: _unpack(tar, path, members[path], folder) for path in members}
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise UserError(
            f"{archive} is not a complete tar archive ({error}). Delete it and download it again."
        ) from error
    for path, part in parts.items():
        part.replace(folder / path)


def _unpack(tar: tarfile.TarFile, path: str, sha256: str, folder: Path) -> Path:
    """Copies a member to its .part file, which it returns."""
    wrong = "Report this: the declaration of the data set does not match its archive."
    try:
        member = tar.getmember(path)
    except KeyError:
        raise UserError(f"{tar.name!s} has no member '{path}'. {wrong}") from None
    if not member.isreg() or member.issparse():
        raise UserError(f"Member '{path}' of {tar.name!s} is not a regular file. {wrong}")
    part = folder / f"{path}.part"
    part.parent.mkdir(parents=True, exist_ok=True)
    content = tar.extractfile(member)
    assert content is not None  # a regular file always has content
    digest = hashlib.sha256()
    with content, part.open("wb") as file:
        while block := content.read(_BLOCK):
            digest.update(block)
            file.write(block)
    if digest.hexdigest() != sha256:
        part.unlink()
        raise UserError(
            f"Member '{path}' of {tar.name!s} has the SHA-256 {digest.hexdigest()} "
            f"instead of {sha256}. {wrong}"
        )
    return part
