"""The metrics by slice."""

from __future__ import annotations

from components.report.confidence import Interval
from components.report.evidence import Evidence, Section
from components.report.intervals import intervals


def build(run: Evidence) -> Section | None:
    """Builds the section."""
    slices, whole = run.summary["slices"], run.summary["metrics"]
    if not slices:
        return None
    found = {name: intervals(run, name) for name in slices}
    return Section(
        "Slices",
        "slices.html.j2",
        {
            "whole": whole,
            "slices": slices,
            "intervals": found,
            "worse": {
                (name, metric)
                for name, by_metric in found.items()
                for metric, interval in by_metric.items()
                if _is_worse(interval, whole.get(metric), run.declaration["better"].get(metric))
            },
        },
        {},
    )


def _is_worse(interval: Interval, whole: float | None, better: str | None) -> bool:
    """Whether a slice is significantly worse than the whole split, in the metric's direction."""
    if whole is None or better is None:
        return False
    return interval.high < whole if better == "higher" else interval.low > whole
