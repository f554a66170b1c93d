"""All figures of a binary classifier from one histogram, in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import apache_beam as beam
import numpy as np
from tensorflow_model_analysis.metrics import metric_types

BUCKETS = 10_000
"""Of the histogram of scores, as in TFMA's own AUC. Even, so that 0.5 is a boundary."""

_FLUSH = 1_000
"""Rows that an accumulator holds before it adds them to its histogram, all at once."""

_TINY = 1e-7
"""Scores are kept so far from 0 and 1 in the log loss, as Keras does."""


class BinaryMetric(metric_types.Metric):
    """One of `components.metrics.BINARY`, precision and recall at a threshold of 0.5.

    TFMA's own metrics look up label and score anew for each metric of each slice of each row, in
    Python, which makes the Evaluator the slowest node of a small pipeline. These share a histogram
    per slice, and a row costs its slices one list append each. AUC and `auc_pr` are exact up to the
    histogram's buckets; `calibration` is the sum of scores over the number of positives, as TFMA
    has it.

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
        super().__init__(_computations, name=name)


def _computations(
    name: str,
    model_names: list[str] | None = None,
    output_names: list[str] | None = None,
    example_weighted: bool = False,
) -> list[Any]:
    """Called by TFMA, which merges the equal histograms of all metrics into one."""
    del output_names
    computations: list[Any] = []
    for model in model_names or [""]:
        key = metric_types.MetricKey(name, model, example_weighted=example_weighted)
        shared = metric_types.MetricKey("_binary_histogram", model, example_weighted=False)

        def figure(
            values: dict[Any, Any], shared: Any = shared, key: Any = key
        ) -> dict[Any, float]:
            return {key: figures(*values[shared])[key.name]}

        computations += [
            metric_types.MetricComputation(
                keys=[shared], preprocessors=None, combiner=_Combiner(model, shared)
            ),
            metric_types.DerivedMetricComputation(keys=[key], result=figure),
        ]
    return computations


class _Accumulator:
    """Histograms of the scores of negatives and positives, and the rows not yet in them."""

    def __init__(self) -> None:
        self.counts = np.zeros((2, BUCKETS), np.int64)
        self.scores = 0.0
        self.loss = 0.0
        self.waiting: list[tuple[bool, float]] = []

    def flush(self) -> None:
        if not self.waiting:
            return
        labels, scores = np.array(self.waiting, np.float64).T
        buckets = np.minimum((scores * BUCKETS).astype(np.int64), BUCKETS - 1)
        for label in (0, 1):
            self.counts[label] += np.bincount(buckets[labels == label], minlength=BUCKETS)
        kept = np.clip(scores, _TINY, 1 - _TINY)
        self.loss -= np.where(labels, np.log(kept), np.log1p(-kept)).sum()
        self.scores += scores.sum()
        self.waiting.clear()


class _Combiner(beam.CombineFn):
    def __init__(self, model_name: str, key: metric_types.MetricKey):
        self._model_name = model_name
        self._key = key

    def create_accumulator(self) -> _Accumulator:
        return _Accumulator()

    def add_input(self, accumulator: _Accumulator, element: Mapping[str, Any]) -> _Accumulator:
        label = self._of_model(element["labels"])
        prediction = self._of_model(element["predictions"])
        positive = label.item() == prediction["classes"].flat[1]
        accumulator.waiting.append((positive, prediction["scores"].flat[1]))
        if len(accumulator.waiting) >= _FLUSH:
            accumulator.flush()
        return accumulator

    def _of_model(self, value: Any) -> Any:
        """TFMA keys by model where there are several."""
        return (
            value[self._model_name]
            if isinstance(value, Mapping) and self._model_name in value
            else value
        )

    def merge_accumulators(self, accumulators: Iterable[_Accumulator]) -> _Accumulator:
        merged = _Accumulator()
        for accumulator in accumulators:
            accumulator.flush()
            merged.counts += accumulator.counts
            merged.scores += accumulator.scores
            merged.loss += accumulator.loss
        return merged

    def extract_output(self, accumulator: _Accumulator) -> dict[metric_types.MetricKey, Any]:
        accumulator.flush()
        return {self._key: (accumulator.counts, accumulator.scores, accumulator.loss)}


def figures(counts: np.ndarray, scores: float, loss: float) -> dict[str, float]:
    """Computes the metrics.

    Args:
        counts: Rows per bucket of scores, ascending: int64 [2, buckets], negatives first.
        scores: Sum of all scores.
        loss: Sum of all log losses, in nats.

    Returns:
        The metrics of `components.metrics.BINARY`; NaN where one is not defined, such as recall
        without positives.
    """
    # Rows that a threshold below each bucket calls positive, from the highest threshold down.
    false_positives, true_positives = counts[:, ::-1].cumsum(axis=1).astype(np.float64)
    negatives, positives = false_positives[-1], true_positives[-1]
    rows = negatives + positives
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
            "auc_pr": float((gains[gains != 0] * precisions[gains != 0]).sum()),
            "precision": true_positives[half] / called,
            "recall": recalls[half + 1],
            "loss": loss / rows,
            "calibration": scores / positives,
            "example_count": rows,
        }
