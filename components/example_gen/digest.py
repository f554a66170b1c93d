"""Identifies the rows of the test split by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

DIGESTED_SPLIT = "test"
"""The split whose rows decide whether metrics of two models can be compared."""

_PROPERTY = "test_digest"
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


def record_digest(examples: Any, digest: RowsDigest) -> None:
    """Stores the digest of DIGESTED_SPLIT in an Examples artifact."""
    examples.set_string_custom_property(_PROPERTY, digest.hexdigest())


def recorded_digest(examples: Any) -> str:
    """Returns the digest that an Examples artifact stores; "" if there is none."""
    return str(examples.get_string_custom_property(_PROPERTY))
