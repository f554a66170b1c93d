"""How the model treats groups of people."""

from __future__ import annotations

from typing import Any

from components.report.evidence import Evidence, Section
from components.report.sections.metrics import of_slice
from components.report.summary import ScoreBucket
from components.report.thresholds import called

_FEW = 30
"""Rows of a class below which a group's rates say little and make no gap."""

RATES = ("selection rate", "true positive rate", "false positive rate")


def build(run: Evidence) -> Section | None:
    """Builds the section."""
    by_grouping: dict[str, list[dict[str, Any]]] = {}
    for features in run.declaration["fairness_slices"]:
        for name in run.summary["slices"]:
            parts = [part.partition("=")[0] for part in name.split(", ")]
            buckets = of_slice(run, name)
            if parts == list(features) and buckets:
                by_grouping.setdefault(" × ".join(features), []).append(
                    {"group": name, **_rates(buckets)}
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
            "few": _FEW,
            "positive": run.declaration["classes"][1],
        },
        {},
    )


def _rates(buckets: list[ScoreBucket]) -> dict[str, Any]:
    """Returns rates at a threshold of 0.5; None where a class has no rows."""
    found = called(buckets, 0.5)
    return {
        "positives": found.positives,
        "negatives": found.negatives,
        "selection rate": found.share,
        "true positive rate": found.recall,
        "false positive rate": found.false_rate,
    }


def _gaps(groups: list[dict[str, Any]]) -> dict[str, float | None]:
    """Returns how far the groups with enough rows lie apart, by rate."""
    gaps: dict[str, float | None] = {}
    for rate in RATES:
        found = [
            group[rate] for group in groups if min(group["positives"], group["negatives"]) >= _FEW
        ]
        gaps[rate] = max(found) - min(found) if len(found) > 1 else None
    return gaps
