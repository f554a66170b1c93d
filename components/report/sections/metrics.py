"""The metrics of the whole test split."""

from __future__ import annotations

from components.report.evidence import Evidence, Section
from components.report.intervals import intervals, methods


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
            "intervals": intervals(run),
            "methods": methods(run),
            "baseline": summary["baseline"],
            "reference": summary["reference_metrics"],
        },
        {},
    )
