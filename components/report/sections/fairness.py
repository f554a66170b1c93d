"""Rates by groups of people."""

from __future__ import annotations

from typing import Any

from components.report.evidence import Evidence, Section
from components.report.intervals import buckets
from components.report.summary import ScoreBucket
from components.report.thresholds import count

MIN_ROWS_PER_CLASS = 30
"""The rows of each class that a group needs for its rates to count in the gaps."""

RATES = ("selection rate", "true positive rate", "false positive rate")


def build(run: Evidence) -> Section | None:
    """Builds the section."""
    by_grouping: dict[str, list[dict[str, Any]]] = {}
    for features in run.declaration["fairness_slices"]:
        for name in run.summary["slices"]:
            parts = [part.partition("=")[0] for part in name.split(", ")]
            scores = buckets(run, name)
            if parts == list(features) and scores:
                by_grouping.setdefault(" × ".join(features), []).append(
                    {"group": name, **_rates(scores)}
                )
    if not by_grouping:
        return None
    return Section(
        "Fairness",
        "fairness.html.j2",
        {
            "groupings": by_grouping,
            "gaps": {name: _gaps(groups) for name, groups in by_grouping.items()},
            "rates": RATES,
            "min_rows": MIN_ROWS_PER_CLASS,
            "positive": run.declaration["classes"][1],
        },
        {},
    )


def _rates(scores: list[ScoreBucket]) -> dict[str, Any]:
    """Returns the rates at a threshold of 0.5; None if a class has no rows."""
    found = count(scores, 0.5)
    return {
        "positives": found.positives,
        "negatives": found.negatives,
        "selection rate": found.selection_rate,
        "true positive rate": found.recall,
        "false positive rate": found.false_positive_rate,
    }


def _gaps(groups: list[dict[str, Any]]) -> dict[str, float | None]:
    """Returns rate -> the largest difference between groups with enough rows."""
    gaps: dict[str, float | None] = {}
    for rate in RATES:
        found = [
            group[rate]
            for group in groups
            if min(group["positives"], group["negatives"]) >= MIN_ROWS_PER_CLASS
        ]
        gaps[rate] = max(found) - min(found) if len(found) > 1 else None
    return gaps
