"""The figures of a binary classifier."""

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
    read_off,
)

BUCKETS = 10_000
"""Of the histogram of scores, as in TFMA's own AUC. Even, so that 0.5 is a boundary."""


PLOTTED = 500
"""Buckets of the plot: two to a pixel of a chart."""


class Histogram(Accumulation):
    """Histograms of the scores of negatives and positives.

    Attributes:
        counts: Rows per bucket of scores, ascending: int64 [2, buckets], negatives first.
        scores: Sum of all scores.
        loss: Sum of all log losses, in nats.
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
        kept = np.clip(scores, TINY, 1 - TINY)
        self.loss -= np.where(labels, np.log(kept), np.log1p(-kept)).sum()
        self.scores += scores.sum()

    def merge(self, other: Histogram) -> None:
        """See the base class."""
        self.counts += other.counts
        self.scores += other.scores
        self.loss += other.loss


class BinaryMetric(metric_types.Metric):
    """One of `components.metrics.BINARY`, precision and recall at a threshold of 0.5.

    AUC and `auc_pr` are exact up to the histogram's buckets; `calibration` is the sum of scores
    over the number of positives, as TFMA has it.

    The model must return `scores` [n, 2] and `classes` [n, 2], and the label be one of the classes;
    the second is the positive one.
    """

    def __init__(self, name: str, code: str = ""):
        """Chooses the metric.

        Args:
            name: One of `components.metrics.BINARY`.
            code: Fingerprint of this source. Unused here, but so part of the Evaluator's
                configuration and thereby of its cache key.
        """
        del code
        super().__init__(
            read_off(
                Histogram,
                metric_types.MetricKey,
                lambda name, rows: figures(rows.counts, rows.scores, rows.loss)[name],
            ),
            name=name,
        )


class ScorePlot(metric_types.Metric):
    """Rows and positives per bucket of scores, as TFMA's plot for calibration has them.

    ROC, precision and recall at any threshold follow from it. Empty buckets are left out. The mean
    score of a bucket is taken to be its middle one.
    """

    def __init__(self, name: str, code: str = ""):
        """Names the plot.

        Args:
            name: Of the plot.
            code: Fingerprint of this source, for the Evaluator's cache key.
        """
        del code
        super().__init__(
            read_off(Histogram, metric_types.PlotKey, lambda _, rows: _plot(rows.counts)),
            name=name,
        )


def figures(counts: np.ndarray, scores: float, loss: float) -> dict[str, float]:
    """Computes the metrics.

    Args:
        counts: Rows per bucket of scores, ascending: int64 [2, buckets], negatives first.
        scores: Sum of all scores.
        loss: Sum of all log losses, in nats.

    Returns:
        The metrics of `components.metrics.BINARY`; NaN where one has no meaning: recall and
        calibration without positives, precision without predicted positives, and precision, AUC
        and `auc_pr` for rows of one class only.
    """
    # Rows that a threshold below each bucket calls positive, from the highest threshold down.
    false_positives, true_positives = counts[:, ::-1].cumsum(axis=1).astype(np.float64)
    negatives, positives = false_positives[-1], true_positives[-1]
    rows = negatives + positives
    # With rows of one class only, these are 0 or 1 whatever the model does.
    both = 1.0 if negatives and positives else math.nan
    half = counts.shape[1] // 2 - 1
    called = true_positives[half] + false_positives[half]
    with np.errstate(divide="ignore", invalid="ignore"):
        recalls = np.append(0.0, true_positives / positives)
        false_rates = np.append(0.0, false_positives / negatives)
        precisions = true_positives / (true_positives + false_positives)
        gains = np.diff(recalls)
        return {
            "accuracy": (true_positives[half] + negatives - false_positives[half]) / rows,
            "auc": float((np.diff(false_rates) * (recalls[1:] + recalls[:-1]) / 2).sum()),
            "auc_pr": both * float((gains[gains != 0] * precisions[gains != 0]).sum()),
            "precision": both * true_positives[half] / called,
            "recall": recalls[half + 1],
            "loss": loss / rows,
            "calibration": scores / positives if positives else math.nan,
            "example_count": rows,
        }


def _plot(counts: np.ndarray) -> Any:
    plot = metrics_for_slice_pb2.CalibrationHistogramBuckets()
    negatives, positives = counts.reshape(2, PLOTTED, -1).sum(axis=2)
    for bucket in np.flatnonzero(negatives + positives):
        rows = float(negatives[bucket] + positives[bucket])
        plot.buckets.add(
            lower_threshold_inclusive=bucket / PLOTTED,
            upper_threshold_exclusive=(bucket + 1) / PLOTTED,
            num_weighted_examples={"value": rows},
            total_weighted_label={"value": float(positives[bucket])},
            total_weighted_refined_prediction={"value": rows * (bucket + 0.5) / PLOTTED},
        )
    return plot
