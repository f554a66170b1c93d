"""The metrics of a classifier with more than two classes."""

from __future__ import annotations

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


class Confusion(Accumulation):
    """A confusion matrix.

    Attributes:
        counts: The rows by true, then by predicted class (the one with the highest score), int64
            [classes, classes].
        top_2: The number of rows whose class has one of the two highest scores.
        loss: The sum of all cross-entropies, in nats.
    """

    def __init__(self) -> None:
        super().__init__()
        self.counts = np.zeros((0, 0), np.int64)
        self.top_2 = 0
        self.loss = 0.0
        self._index: dict[Any, int] = {}

    def row(self, label: Any, prediction: Any, example: Any) -> tuple[int, np.ndarray]:
        """See the base class."""
        del example
        classes, scores = classes_and_scores(prediction)
        if not self._index:
            self._index = {name: index for index, name in enumerate(classes)}
        return self._index[class_name(label)], scores

    def take(self, rows: Sequence[tuple[int, np.ndarray]]) -> None:
        """See the base class."""
        labels = np.array([label for label, _ in rows])
        scores = np.stack([scores for _, scores in rows]).astype(np.float64)
        size = scores.shape[1]
        pairs = labels * size + scores.argmax(axis=1)
        self._add(np.bincount(pairs, minlength=size * size).reshape(size, size))
        of_label = scores[np.arange(len(labels)), labels]
        self.top_2 += int(((scores > of_label[:, None]).sum(axis=1) < 2).sum())
        self.loss -= float(np.log(np.clip(of_label, TINY, 1 - TINY)).sum())

    def merge(self, other: Confusion) -> None:
        """See the base class."""
        self._add(other.counts)
        self.top_2 += other.top_2
        self.loss += other.loss

    def _add(self, counts: np.ndarray) -> None:
        if not self.counts.size:
            self.counts = np.zeros_like(counts)
        if counts.size:
            self.counts += counts


class MulticlassMetric(metric_types.Metric):
    """One of `components.metrics.MULTICLASS`.

    `macro_f1` is the mean F1 of the classes that occur as true or predicted ones, as in
    scikit-learn. It is NaN if all rows belong to one class.

    The model must return `scores` [n, classes] and `classes` [n, classes], and the label must be
    one of the classes.
    """

    def __init__(self, name: str, code: str = ""):
        """Chooses the metric.

        Args:
            name: One of `components.metrics.MULTICLASS`.
            code: The fingerprint of this source, for the Evaluator's cache key.
        """
        del code
        super().__init__(
            computed_from(
                Confusion,
                metric_types.MetricKey,
                lambda name, rows: multiclass_metrics(rows.counts, rows.top_2, rows.loss)[name],
            ),
            name=name,
        )


class ConfusionPlot(metric_types.Metric):
    """The confusion matrix, as TFMA's plot of that kind: class numbers, threshold 0."""

    def __init__(self, name: str, code: str = ""):
        """Names the plot.

        Args:
            name: The name.
            code: The fingerprint of this source, for the Evaluator's cache key.
        """
        del code
        super().__init__(
            computed_from(Confusion, metric_types.PlotKey, lambda _, rows: _plot(rows.counts)),
            name=name,
        )


def multiclass_metrics(counts: np.ndarray, top_2: int, loss: float) -> dict[str, float]:
    """Computes the metrics.

    Args:
        counts: As in `Confusion`.
        top_2: As in `Confusion`.
        loss: As in `Confusion`.

    Returns:
        The metrics of `components.metrics.MULTICLASS`.
    """
    rows = counts.sum()
    right = counts.diagonal()
    seen = counts.sum(axis=0) + counts.sum(axis=1)
    f1 = 2 * right[seen > 0] / seen[seen > 0]
    # If all rows belong to one class, none can be taken for it by mistake.
    several = (counts.sum(axis=1) > 0).sum() > 1
    return {
        "accuracy": float(right.sum() / rows),
        "macro_f1": float(f1.mean()) if several else float("nan"),
        "top_2_accuracy": float(top_2 / rows),
        "loss": loss / rows,
        "example_count": float(rows),
    }


def _plot(counts: np.ndarray) -> Any:
    plot = metrics_for_slice_pb2.MultiClassConfusionMatrixAtThresholds()
    matrix = plot.matrices.add(threshold=0.0)
    for (actual, predicted), count in np.ndenumerate(counts):
        if count:
            matrix.entries.add(
                actual_class_id=actual,
                predicted_class_id=predicted,
                num_weighted_examples=float(count),
            )
    return plot
