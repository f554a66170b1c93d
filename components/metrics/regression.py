"""The metrics of a regression."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from tensorflow_model_analysis.metrics import metric_types

from components.metrics.accumulation import Accumulation, computed_from, of_output

SAMPLE_ROWS = 5_000
"""Rows of the sample: the standard errors that follow from it are exact to about 2%."""


class Errors(Accumulation):
    """Sums over the errors, and a sample of the rows. An error is the predicted - true value.

    Attributes:
        rows: The number of rows.
        error: The sum of the errors.
        absolute: The sum of the absolute errors.
        squared: The sum of the squared errors.
        relative: The sum of |error / label|. Infinity or NaN if a label is 0.
        mean: The mean of the labels.
        scatter: The sum of the squared deviations of the labels from their mean.
        sample: The hash, label, and prediction of the rows with the smallest hashes, float64
            [rows, 3]. It is a random sample that does not depend on the order of the rows.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows = 0
        self.error = self.absolute = self.squared = self.relative = 0.0
        self.mean = self.scatter = 0.0
        self.sample = np.zeros((0, 3))

    def row(self, label: Any, prediction: Any, example: Any) -> tuple[Any, Any, Any]:
        """See the base class."""
        return label, of_output(prediction, "predictions"), example

    def take(self, rows: Sequence[tuple[Any, Any, Any]]) -> None:
        """See the base class."""
        labels = np.array([label for label, _, _ in rows], np.float64)
        predictions = np.array([prediction.item() for _, prediction, _ in rows], np.float64)
        errors = predictions - labels
        self.error += errors.sum()
        self.absolute += np.abs(errors).sum()
        self.squared += np.square(errors).sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            self.relative += np.abs(errors / labels).sum()
        # From the first one on, so that labels that are all the same have no scatter at all.
        mean = labels[0] + (labels - labels[0]).mean()
        self._add_labels(len(rows), mean, np.square(labels - mean).sum())
        hashes = np.array([_hash(example) for _, _, example in rows])
        self._add_sample(np.stack([hashes, labels, predictions], axis=1))

    def merge(self, other: Errors) -> None:
        """See the base class."""
        self.error += other.error
        self.absolute += other.absolute
        self.squared += other.squared
        self.relative += other.relative
        self._add_labels(other.rows, other.mean, other.scatter)
        self._add_sample(other.sample)

    def _add_labels(self, rows: int, mean: float, scatter: float) -> None:
        """Combines means and squared deviations (Chan, Golub and LeVeque 1983).

        The difference of the plain sums would lose all digits for labels such as years.
        """
        total = self.rows + rows
        if not total:
            return
        apart = mean - self.mean
        self.scatter += scatter + apart**2 * self.rows * rows / total
        self.mean += apart * rows / total
        self.rows = total

    def _add_sample(self, rows: np.ndarray) -> None:
        sample = np.concatenate([self.sample, rows])
        # Label and prediction break ties, which rows with the same content have.
        order = np.lexsort(sample.T[::-1])[:SAMPLE_ROWS]
        self.sample = sample[order]


class RegressionMetric(metric_types.Metric):
    """One of `components.metrics.REGRESSION`.

    The label must be a number, and `predictions` [n] the only output of the model.
    """

    def __init__(self, name: str, code: str = ""):
        """Chooses the metric.

        Args:
            name: One of `components.metrics.REGRESSION`.
            code: The fingerprint of this source, for the Evaluator's cache key.
        """
        del code
        super().__init__(
            computed_from(
                Errors, metric_types.MetricKey, lambda name, errors: metrics(errors)[name]
            ),
            name=name,
        )


class PredictionSample(metric_types.Metric):
    """A random sample of at most SAMPLE_ROWS rows, as a metric whose value is bytes.

    The bytes are a JSON list of pairs of label and prediction.
    """

    def __init__(self, name: str, code: str = ""):
        """Names the metric.

        Args:
            name: The name.
            code: The fingerprint of this source, for the Evaluator's cache key.
        """
        del code
        super().__init__(
            computed_from(Errors, metric_types.MetricKey, lambda _, errors: _json(errors.sample)),
            name=name,
        )


def metrics(errors: Errors) -> dict[str, float]:
    """Computes the metrics of `components.metrics.REGRESSION`.

    NaN where one is not defined: R² if all labels are the same, MAPE if a label is 0.
    """
    rows = errors.rows
    varied = errors.scatter > 0
    relative = errors.relative / rows
    return {
        "mae": errors.absolute / rows,
        "rmse": math.sqrt(errors.squared / rows),
        "r2": 1 - errors.squared / errors.scatter if varied else math.nan,
        "mean_bias": errors.error / rows,
        "mape": relative if math.isfinite(relative) else math.nan,
        "example_count": float(rows),
    }


def _hash(example: Any) -> float:
    """Returns a number from 0 to 1 that depends on the content of a row only."""
    digest = blake2b(bytes(example), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48


def _json(sample: np.ndarray) -> bytes:
    # Seven digits, which is what a float32 has.
    return json.dumps(
        [
            [float(f"{value:.7g}") for value in row]
            for row in sample[:, 1:]
            if np.isfinite(row).all()
        ]
    ).encode()
