"""The intervals of the metrics of a slice."""

from __future__ import annotations

import numpy as np

from components.report import confidence
from components.report.confidence import Interval
from components.report.evidence import Evidence
from components.report.summary import CANDIDATE, Metrics, ScoreBucket
from components.report.thresholds import count

_SHARES = ("accuracy", "top_2_accuracy")
"""Metrics that are a share of all rows."""

Intervals = dict[str, Interval]
"""Metric -> its interval."""


def intervals(run: Evidence, slice_name: str = "") -> Intervals:
    """Returns the intervals of those metrics that have one.

    Args:
        run: The run.
        slice_name: The slice; "" for the whole split.
    """
    metrics = run.summary["slices"][slice_name] if slice_name else run.summary["metrics"]
    found = {**_of_shares(metrics), **_of_scores(buckets(run, slice_name))}
    if slice_name in run.samples:
        found |= _of_errors(metrics, run.samples[slice_name])
    # A metric without a meaning in this slice has no interval either.
    return {name: interval for name, interval in found.items() if metrics.get(name) is not None}


def methods(run: Evidence) -> str:
    """Returns what the intervals of a run are, in words."""
    if run.samples:
        sampled = len(run.samples[""])
        whole = sampled == run.summary["metrics"]["example_count"]
        return (
            "the normal approximation for means, the delta method for RMSE and R², with standard "
            f"errors from {'all' if whole else f'a random sample of {sampled:,}'} rows"
        )
    return "Wilson’s for shares, DeLong’s for AUC"


def buckets(run: Evidence, slice_name: str) -> list[ScoreBucket]:
    """Returns the buckets of the scores of this model in a slice."""
    return [row for row in run.scores if row["model"] == CANDIDATE and row["slice"] == slice_name]


def _of_shares(metrics: Metrics) -> Intervals:
    rows = metrics.get("example_count")
    return {
        name: confidence.of_share(share, rows)
        for name in _SHARES
        if rows and (share := metrics.get(name)) is not None
    }


def _of_scores(scores: list[ScoreBucket]) -> Intervals:
    if not scores:
        return {}
    negatives, positives = (
        np.array([bucket[key] for bucket in scores]) for key in ("negatives", "positives")
    )
    at_half = count(scores, 0.5)
    found = {}
    if auc := confidence.of_auc(negatives, positives):
        found["auc"] = auc
    if at_half.precision is not None:
        found["precision"] = confidence.of_share(at_half.precision, at_half.predicted_positives)
    if at_half.recall is not None:
        found["recall"] = confidence.of_share(at_half.recall, at_half.positives)
    return found


def _of_errors(metrics: Metrics, sample: np.ndarray) -> Intervals:
    if len(sample) < 2:
        return {}
    labels, predictions = sample.T
    errors = predictions - labels
    squares, deviations = np.square(errors), np.square(labels - labels.mean())
    with np.errstate(divide="ignore", invalid="ignore"):
        influences = {
            "mae": np.abs(errors),
            "mean_bias": errors,
            "mape": np.abs(errors / labels),
            # The derivatives of the root of a mean, and of 1 minus a ratio of means.
            "rmse": squares / (2 * np.sqrt(squares.mean())),
            "r2": (squares.mean() / deviations.mean() * deviations - squares) / deviations.mean(),
        }
    rows = metrics.get("example_count") or 0.0
    return {
        name: interval
        for name, values in influences.items()
        if (value := metrics.get(name)) is not None
        and (interval := confidence.of_mean(value, values, rows))
    }
