"""The parts of a report, in order. Each module builds one, or None where it does not apply."""

from components.report.sections import (
    data,
    errors,
    fairness,
    insights,
    lineage,
    metrics,
    plots,
    slices,
    training,
    verdict,
)

SECTIONS = (
    verdict.build,
    metrics.build,
    plots.build,
    slices.build,
    fairness.build,
    training.build,
    insights.build,
    errors.build,
    data.build,
    lineage.build,
)
