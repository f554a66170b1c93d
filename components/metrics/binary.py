"""The metrics of a binary classifier."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from tensorflow_model_analysis.metrics import metric_types
from tensorflow_model_analysis.proto import metrics_for_slice_pb2

from components.metrics.accumulation import (
    TINY,
    Accumulation,
    class_name,
    classes_and_scores,
    computed_from,
)

BUCKETS = 10_000
"""The buckets of the histogram of scores, as in TFMA's own AUC. Even, so that 0.5 is a bound."""

_PLOTTED = 500
"""The buckets of the plot: two per pixel of a chart."""


class Histogram(Accumulation):
    """Histograms of the scores of negatives and positives.

    Attributes:
        counts: The rows per bucket of scores, ascending: int64 [2, buckets], negatives first.
        scores: The sum of all scores.
        loss: The sum of all log losses, in nats.
    """

    def __init__(self) -> None:
        super().__init__()
        self.counts = np.zeros((2, BUCKETS), np.int64)
        self.scores = 0.0
        self.loss = 0.0

    def row(self, label: Any, prediction: Any, example: Any) -> tuple[bool, float]:
        """See the base class; the second class is the positive one."""
        del example
        classes, scores = classes_and_scores(prediction)
        return class_name(label) == classes[1], scores[1]

    def take(self, rows: Sequence[tuple[bool, float]]) -> None:
        """See the base class."""
        labels, scores = np.array(rows, np.float64).T
        buckets = np.minimum((scores * BUCKETS).astype(np.int64), BUCKETS - 1)
        for label in (0, 1):
            self.counts[label] += np.bincount(buckets[labels == label], minlength=BUCKETS)
        clipped = np.clip(scores, TINY, 1 - TINY)
        self.loss -= np.where(labels, np.log(clipped), np.log1p(-clipped)).sum()
        self.scores += scores.sum()

    def merge(self, other: Histogram) -> None:
        """See the base class."""
        self.counts += other.counts
        self.scores += other.scores
        self.loss += other.loss


class BinaryMetric(metric_types.Metric):
    """One of `components.metrics.BINARY`, with a threshold of 0.5 for precision and recall.

    AUC and `auc_pr` are exact up to the histogram's buckets. `calibration` is the sum of the scores
    divided by the number of positives, as in TFMA.

    The model must return `scores` [n, 2] and `classes` [n, 2], and the label must be one of the
    classes. The second class is the positive one.
    """

    def __init__(self, name: str, code: str = ""):
        """Chooses the metric.

        Args:
            name: One of `components.metrics.BINARY`.
            code: The fingerprint of this source. Unused here, but part of the Evaluator's
                configuration and therefore of its cache key.
        """
        del code
        super().__init__(
            computed_from(
                Histogram,
                metric_types.MetricKey,
                lambda name, rows: binary_metrics(rows.counts, rows.scores, rows.loss)[name],
            ),
            name=name,
        )


class ScorePlot(metric_types.Metric):
    """Rows and positives per bucket of scores, in the form of TFMA's calibration plot.

    ROC, and precision and recall at any threshold, follow from it. Empty buckets are omitted. The
    middle of a bucket stands for its mean score.
    """

    def __init__(self, name: str, code: str = ""):
        """Names the plot.

        Args:
            name: The name.
            code: The fingerprint of this source, for the Evaluator's cache key.
        """
        del code
        super().__init__(
            computed_from(Histogram, metric_types.PlotKey, lambda _, rows: _plot(rows.counts)),
            name=name,
        )


def binary_metrics(counts: np.ndarray, scores: float, loss: float) -> dict[str, float]:
    """Computes the metrics.

    Args:
        counts: The rows per bucket of scores, ascending: int64 [2, buckets], negatives first.
        scores: The sum of all scores.
        loss: The sum of all log losses, in nats.

    Returns:
        The metrics of `components.metrics.BINARY`; NaN where one has no meaning: recall and
        calibration without positives, precision without predicted positives, and precision, AUC
        and `auc_pr` for rows of one class only.
    """
    # The predicted positives for a threshold below each bucket, from the highest threshold down.
    false_positives, true_positives = counts[:, ::-1].cumsum(axis=1).astype(np.float64)
    negatives, positives = false_positives[-1], true_positives[-1]
    rows = negatives + positives
    # With rows of one class only, these are 0 or 1 whatever the model does.
    both = 1.0 if negatives and positives else math.nan
    half = counts.shape[1] // 2 - 1
    predicted_positives = true_positives[half] + false_positives[half]
    with np.errstate(divide="ignore", invalid="ignore"):
        recalls = np.append(0.0, true_positives / positives)
        false_rates = np.append(0.0, false_positives / negatives)
        precisions = true_positives / (true_positives + false_positives)
        gains = np.diff(recalls)
        return {
            "accuracy": (true_positives[half] + negatives - false_positives[half]) / rows,
            "auc": float((np.diff(false_rates) * (recalls[1:] + recalls[:-1]) / 2).sum()),
            "auc_pr": both * float((gains[gains != 0] * precisions[gains != 0]).sum()),
            "precision": both * true_positives[half] / predicted_positives,
            "recall": recalls[half + 1],
            "loss": loss / rows,
            "calibration": scores / positives if positives else math.nan,
            "example_count": rows,
        }


def _plot(counts: np.ndarray) -> Any:
    plot = metrics_for_slice_pb2.CalibrationHistogramBuckets()
    negatives, positives = counts.reshape(2, _PLOTTED, -1).sum(axis=2)
    for bucket in np.flatnonzero(negatives + positives):
        rows = float(negatives[bucket] + positives[bucket])
        plot.buckets.add(
            lower_threshold_inclusive=bucket / _PLOTTED,
            upper_threshold_exclusive=(bucket + 1) / _PLOTTED,
            num_weighted_examples={"value": rows},
            total_weighted_label={"value": float(positives[bucket])},
            total_weighted_refined_prediction={"value": rows * (bucket + 0.5) / _PLOTTED},
        )
    return plot
