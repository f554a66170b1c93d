"""Gives the last rows of a data set to a split of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from components.example_gen.partition import Batch


@dataclass(frozen=True)
class Tail:
    """The last rows in file order are a split.

    Attributes:
        split: Which split.
        share: Its share of the rows.
        official_rows: Rows of the official data set, whose test set is a number of rows instead.
        official_tail: That number.
    """

    split: str
    share: float
    official_rows: int
    official_tail: int

    def size(self, rows: int) -> int:
        """Returns how many of so many rows belong to the split."""
        return self.official_tail if rows == self.official_rows else round(rows * self.share)

    def cut(self, batches: Iterable[Batch], rows: int) -> Iterator[Batch]:
        """Assigns the last rows to the split.

        Args:
            batches: All rows.
            rows: How many there are.
        """
        left = rows - self.size(rows)
        for batch in batches:
            records = batch.records
            if head := records[:left]:
                yield Batch(head)
            if tail := records[left:]:
                yield Batch(tail, self.split)
            left = max(left - len(records), 0)
