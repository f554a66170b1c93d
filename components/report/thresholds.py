"""What a threshold on the scores of a binary classifier comes to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from components.report.summary import ScoreBucket

_ROUNDING = 1e-9  # far less than the width of a bucket


class Called(NamedTuple):
    """How many rows are called positive, and how many there are.

    Attributes:
        true: Positives that are called so.
        false: Negatives that are called positive.
        positives: All positives.
        negatives: All negatives.
    """

    true: float
    false: float
    positives: float
    negatives: float

    @property
    def positive(self) -> float:
        """How many rows are called positive."""
        return self.true + self.false

    @property
    def share(self) -> float:
        """Of all rows, those that are called positive."""
        return self.positive / (self.positives + self.negatives)

    @property
    def accuracy(self) -> float:
        """Of all rows, those that are called what they are."""
        return (self.true + self.negatives - self.false) / (self.positives + self.negatives)

    @property
    def precision(self) -> float | None:
        """Of the rows that are called positive, the positives; None without such rows."""
        return self.true / self.positive if self.positive else None

    @property
    def recall(self) -> float | None:
        """Of the positives, those that are called so; None without positives."""
        return self.true / self.positives if self.positives else None

    @property
    def false_rate(self) -> float | None:
        """Of the negatives, those that are called positive; None without negatives."""
        return self.false / self.negatives if self.negatives else None


def called(buckets: Iterable[ScoreBucket], threshold: float) -> Called:
    """Counts what has a score of at least the threshold.

    Args:
        buckets: Of a slice.
        threshold: A bound of buckets.
    """
    true = false = positives = negatives = 0.0
    for bucket in buckets:
        positives += bucket["positives"]
        negatives += bucket["negatives"]
        if bucket["score"] >= threshold - _ROUNDING:
            true += bucket["positives"]
            false += bucket["negatives"]
    return Called(true, false, positives, negatives)
