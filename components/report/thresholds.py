"""The rows that a threshold on the scores of a binary classifier calls positive."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from components.report.summary import ScoreBucket

_ROUNDING = 1e-9  # far less than the width of a bucket


class ThresholdCounts(NamedTuple):
    """The numbers of rows at a threshold.

    Attributes:
        true_positives: Positives with a score of at least the threshold.
        false_positives: Negatives with a score of at least the threshold.
        positives: All positives.
        negatives: All negatives.
    """

    true_positives: float
    false_positives: float
    positives: float
    negatives: float

    @property
    def predicted_positives(self) -> float:
        """All rows with a score of at least the threshold."""
        return self.true_positives + self.false_positives

    @property
    def selection_rate(self) -> float:
        """The share of the predicted positives among all rows."""
        return self.predicted_positives / (self.positives + self.negatives)

    @property
    def accuracy(self) -> float:
        """The share of the rows whose class is predicted correctly."""
        right = self.true_positives + self.negatives - self.false_positives
        return right / (self.positives + self.negatives)

    @property
    def precision(self) -> float | None:
        """The share of the positives among the predicted positives; None if there are none."""
        predicted = self.predicted_positives
        return self.true_positives / predicted if predicted else None

    @property
    def recall(self) -> float | None:
        """The share of the predicted positives among the positives; None if there are none."""
        return self.true_positives / self.positives if self.positives else None

    @property
    def false_positive_rate(self) -> float | None:
        """The share of the predicted positives among the negatives; None if there are none."""
        return self.false_positives / self.negatives if self.negatives else None


def count(buckets: Iterable[ScoreBucket], threshold: float) -> ThresholdCounts:
    """Counts the rows with a score of at least the threshold.

    Args:
        buckets: The buckets of scores of a slice.
        threshold: A bound of buckets.
    """
    true = false = positives = negatives = 0.0
    for bucket in buckets:
        positives += bucket["positives"]
        negatives += bucket["negatives"]
        if bucket["score"] >= threshold - _ROUNDING:
            true += bucket["positives"]
            false += bucket["negatives"]
    return ThresholdCounts(true, false, positives, negatives)
