"""The figures of the whole test split."""

from __future__ import annotations

import numpy as np

from components.report import confidence
from components.report.evidence import Evidence, Section
from components.report.summary import CANDIDATE, Metrics, ScoreBucket
from components.report.thresholds import called

SHARES = ("accuracy", "top_2_accuracy")
"""Metrics that are a share of all rows."""


def build(run: Evidence) -> Section | None:
    """Builds the section."""
    summary = run.summary
    if not summary["metrics"]:
        return None
    return Section(
        "Metrics",
        "metrics.html.j2",
        {
            "metrics": summary["metrics"],
            "intervals": intervals(summary["metrics"], of_slice(run, "")),
            "baseline": summary["baseline"],
            "reference": run.summary["reference_metrics"],
        },
        {},
    )


def of_slice(run: Evidence, name: str) -> list[ScoreBucket]:
    """Returns the buckets of scores that this model gave a slice."""
    return [row for row in run.scores if row["model"] == CANDIDATE and row["slice"] == name]


def intervals(metrics: Metrics, buckets: list[ScoreBucket]) -> dict[str, confidence.Interval]:
    """Returns the intervals of those metrics that have one.

    Args:
        metrics: Of a slice.
        buckets: Of the same slice, ascending; empty for more than two classes.
    """
    rows = metrics.get("example_count") or 0.0
    found = {}
    for name in SHARES:
        share = metrics.get(name)
        if share is not None and rows:
            found[name] = confidence.of_share(share, rows)
    if buckets and metrics.get("auc") is not None:
        negatives, positives = (
            np.array([bucket[key] for bucket in buckets]) for key in ("negatives", "positives")
        )
        auc = confidence.of_auc(negatives, positives)
        if auc:
            found["auc"] = auc
        at_half = called(buckets, 0.5)
        for name, among in (("precision", at_half.positive), ("recall", at_half.positives)):
            share = metrics.get(name)
            if share is not None and among:
                found[name] = confidence.of_share(share, among)
    return found
