"""How far predictions are from the labels, row by row."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np

from components.report import charts
from components.report.evidence import Evidence, Section

_BINS = 40
_MAX_POINTS = 1_000
"""Rows in a scatter plot. More hide each other, and take a browser seconds to draw."""

_GRAY = "#888888"


def build(run: Evidence) -> Section | None:
    """Builds the section."""
    sample = run.samples.get("")
    if sample is None or not len(sample):
        return None
    points = [
        {"label": label, "predicted": predicted, "residual": predicted - label}
        for label, predicted in sample[:_MAX_POINTS].tolist()
    ]
    drawn = {
        "predicted against true values": _predicted_against_true(points),
        "residuals against predicted values": _residual_against_predicted(points),
        "histogram of residuals": _histogram(sample[:, 1] - sample[:, 0]),
    }
    return Section(
        "Residuals",
        "residuals.html.j2",
        {
            "rows": run.summary["metrics"]["example_count"],
            "sampled": len(sample),
            "points": len(points),
        },
        {
            name: charts.specification(chart.properties(title=name.capitalize()))
            for name, chart in drawn.items()
        },
    )


def _predicted_against_true(points: list[dict[str, float]]) -> Any:
    values = [point[key] for point in points for key in ("label", "predicted")]
    ends = [{"label": end, "predicted": end} for end in (min(values), max(values))]
    ideal = (
        alt.Chart(alt.Data(values=ends))
        .mark_line(strokeDash=[4, 4], color=_GRAY)
        .encode(x=_axis("label", "true value"), y=_axis("predicted", "predicted value"))
    )
    return alt.layer(ideal, _scatter(points, "label", "true value", "predicted", "predicted value"))


def _residual_against_predicted(points: list[dict[str, float]]) -> Any:
    zero = (
        alt.Chart(alt.Data(values=[{"residual": 0}]))
        .mark_rule(strokeDash=[4, 4], color=_GRAY)
        .encode(y=_axis("residual", "residual"))
    )
    return alt.layer(zero, _scatter(points, "predicted", "predicted value", "residual", "residual"))


def _scatter(
    points: list[dict[str, float]], x: str, x_title: str, y: str, y_title: str
) -> alt.Chart:
    return (
        alt.Chart(alt.Data(values=points))
        .mark_circle(size=18, opacity=0.45, color=charts.CATEGORIES[0])
        .encode(
            x=_axis(x, x_title, axis=alt.X),
            y=_axis(y, y_title),
            tooltip=[
                alt.Tooltip("label:Q", title="true value", format=",.5~g"),
                alt.Tooltip("predicted:Q", title="predicted value", format=",.5~g"),
                alt.Tooltip("residual:Q", format=",.5~g"),
            ],
        )
    )


def _axis(field: str, title: str, axis: Any = alt.Y) -> Any:
    # As few ticks as fit on a phone.
    return axis(f"{field}:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6))


def _histogram(residuals: np.ndarray) -> Any:
    counts, edges = np.histogram(residuals, _BINS)
    bars = [
        {"low": low, "high": high, "rows": int(rows)}
        for low, high, rows in zip(edges[:-1].tolist(), edges[1:].tolist(), counts, strict=True)
    ]
    return (
        alt.Chart(alt.Data(values=bars))
        .mark_bar(color=charts.CATEGORIES[0])
        .encode(
            x=alt.X("low:Q", bin="binned", title="residual"),
            x2="high:Q",
            y=alt.Y("rows:Q", title="rows"),
            tooltip=[
                alt.Tooltip("low:Q", title="from", format=",.4~g"),
                alt.Tooltip("high:Q", title="to", format=",.4~g"),
                "rows:Q",
            ],
        )
    )
