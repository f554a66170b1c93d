"""Assigns rows to splits."""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple


class Batch(NamedTuple):
    """A few thousand rows, or a few megabytes, of a source.

    Attributes:
        records: Serialized tf.Examples. Equal rows have equal bytes.
        split: The split that the source assigns them to. None leaves the choice to the hash.
    """

    records: Sequence[bytes]
    split: str | None = None


class Partition:
    """Assigns records to the splits of their source or, without one, by hash as TFX does.

    The hash depends only on the bytes of a record. Rows can be added or reordered without moving
    others to another split, and duplicates are never in both train and eval.
    """

    def __init__(self, splits: Sequence[str], hash_buckets: Mapping[str, int]):
        """Prepares the buckets.

        Args:
            splits: The splits that share the input. A single split gets all of it.
            hash_buckets: Split name -> number of buckets, for the splits that share rows by hash.
        """
        self._hashed = [split for split in splits if split in hash_buckets]
        if len(splits) == 1:
            self._hashed = list(splits)
        self._bounds = list(accumulate(hash_buckets.get(split, 1) for split in self._hashed))

    def cut(self, batch: Batch) -> Iterator[tuple[str, Sequence[bytes]]]:
        """Yields pairs of a split and its records in input order."""
        if batch.split is not None or len(self._hashed) == 1:
            yield batch.split or self._hashed[0], batch.records
            return
        parts: dict[str, list[bytes]] = {split: [] for split in self._hashed}
        for record in batch.records:
            digest = int.from_bytes(hashlib.sha256(record).digest(), "big")
            bucket = digest % self._bounds[-1]
            parts[self._hashed[bisect.bisect(self._bounds, bucket)]].append(record)
        yield from parts.items()
