"""Cuts rows into splits by a hash of their content."""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate


class Partition:
    """Assigns records to splits as TFX's hash buckets do.

    A record's split depends on nothing but its own bytes, so rows may be added or reordered
    without any of the others changing sides, and duplicates never straddle train and eval.
    """

    def __init__(self, splits: Sequence[str], hash_buckets: Mapping[str, int]):
        """Prepares the buckets.

        Args:
            splits: The splits that share the input; one split takes all of it.
            hash_buckets: Split name -> number of buckets, needed for two or more splits.
        """
        self._splits = splits
        self._bounds = (
            list(accumulate(hash_buckets[split] for split in splits)) if len(splits) > 1 else []
        )

    def cut(self, records: Sequence[bytes]) -> Iterator[tuple[str, Sequence[bytes]]]:
        """Yields (split, its records in input order)."""
        if not self._bounds:
            yield self._splits[0], records
            return
        parts: dict[str, list[bytes]] = {split: [] for split in self._splits}
        for record in records:
            digest = int.from_bytes(hashlib.sha256(record).digest(), "big")
            bucket = digest % self._bounds[-1]
            parts[self._splits[bisect.bisect(self._bounds, bucket)]].append(record)
        yield from parts.items()
