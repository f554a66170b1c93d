"""The figures by slice."""

from __future__ import annotations

from components.report.confidence import Interval
from components.report.evidence import Evidence, Section
from components.report.sections.metrics import intervals, of_slice

_JUDGED = ("accuracy", "auc")
"""Metrics that are compared with the whole split's."""


def build(run: Evidence) -> Section | None:
    """Builds the section."""
    slices, whole = run.summary["slices"], run.summary["metrics"]
    if not slices:
        return None
    found = {name: intervals(metrics, of_slice(run, name)) for name, metrics in slices.items()}
    return Section(
        "Slices",
        "slices.html.j2",
        {
            "whole": whole,
            "slices": slices,
            "intervals": found,
            "worse": {
                (name, metric)
                for name, of_metric in found.items()
                for metric in _JUDGED
                if _is_worse(of_metric.get(metric), whole.get(metric))
            },
        },
        {},
    )


def _is_worse(interval: Interval | None, whole: float | None) -> bool:
    """Whether a slice does worse than the whole split, by more than chance explains."""
    return interval is not None and whole is not None and interval.high < whole
