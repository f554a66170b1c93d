"""Assigns the last rows of a data set to a split."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from components.example_gen.partition import Batch


@dataclass(frozen=True)
class Tail:
    """A split that consists of the last rows in file order.

    Attributes:
        split: The name of the split.
        share: Its share of the rows.
        official_rows: The number of rows of the official data set.
        official_tail: The number of rows of the split in the official data set, which replaces
            the share.
    """

    split: str
    share: float
    official_rows: int
    official_tail: int

    def size(self, rows: int) -> int:
        """Returns the number of rows in the split, given the number of all rows."""
        return self.official_tail if rows == self.official_rows else round(rows * self.share)

    def cut(self, batches: Iterable[Batch], rows: int) -> Iterator[Batch]:
        """Assigns the last rows to the split.

        Args:
            batches: All rows.
            rows: The number of all rows.
        """
        left = rows - self.size(rows)
        for batch in batches:
            records = batch.records
            if head := records[:left]:
                yield Batch(head)
            if tail := records[left:]:
                yield Batch(tail, self.split)
            left = max(left - len(records), 0)
