"""Identifies the rows of a split by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

_PREFIX = "digest_"
_BITS = 128


class RowsDigest:
    """A digest of rows that depends neither on their order nor on the files they come from.

    The sum of the rows' SHA-256 digests: an archive that is packed again, or unpacked, or whose
    files are read in another order, has the same one.
    """

    def __init__(self) -> None:
        self._sum = 0

    def add(self, records: Sequence[bytes]) -> None:
        """Adds serialized tf.Examples."""
        for record in records:
            self._sum += int.from_bytes(hashlib.sha256(record).digest()[: _BITS // 8], "big")

    def hexdigest(self) -> str:
        """Returns 32 hexadecimal digits."""
        return f"{self._sum % (1 << _BITS):0{_BITS // 4}x}"


def record_digest(examples: Any, split: str, digest: RowsDigest) -> None:
    """Stores the digest of a split in an Examples artifact."""
    examples.set_string_custom_property(f"{_PREFIX}{split}", digest.hexdigest())


def digest_of_split(examples: Any, split: str) -> str:
    """Returns the digest of a split; "" if none was recorded."""
    return str(examples.get_string_custom_property(f"{_PREFIX}{split}"))
