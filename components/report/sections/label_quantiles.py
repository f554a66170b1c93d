"""Whether the model is as good for small labels as for large ones."""

from __future__ import annotations

from typing import Any, NamedTuple

import altair as alt
import numpy as np

from components.report import charts
from components.report.confidence import Interval, of_mean
from components.report.evidence import Evidence, Section

_GROUPS = 10
_MIN_ROWS = 10 * _GROUPS
"""Below it, a group has so few rows that chance decides its metrics."""


class Group(NamedTuple):
    """The rows between two quantiles of the label.

    Attributes:
        low: The smallest label.
        high: The largest label.
        rows: The number of rows.
        mae: The mean absolute error.
        mae_interval: Its 95% interval.
        mean_bias: The mean of predicted - true.
        mean_bias_interval: Its 95% interval.
    """

    low: float
    high: float
    rows: int
    mae: float
    mae_interval: Interval | None
    mean_bias: float
    mean_bias_interval: Interval | None


def build(run: Evidence) -> Section | None:
    """Builds the section."""
    sample = run.samples.get("")
    if sample is None or len(sample) < _MIN_ROWS:
        return None
    groups = [_group(rows) for rows in _by_quantile(sample)]
    return Section(
        "Error by label",
        "label_quantiles.html.j2",
        {"groups": groups, "rows": run.summary["metrics"]["example_count"], "sampled": len(sample)},
        {
            "mean absolute error by label": _chart(groups, "mae", "Mean absolute error"),
            "mean bias by label": _chart(groups, "mean_bias", "Mean bias"),
        },
    )


def _by_quantile(sample: np.ndarray) -> list[np.ndarray]:
    """Splits the rows at the quantiles of the label; rows with the same label stay together."""
    labels = sample[:, 0]
    # Frequent labels are several quantiles at once.
    inner = np.unique(np.quantile(labels, np.linspace(0, 1, _GROUPS + 1)[1:-1]))
    place = np.searchsorted(inner, labels, side="left")
    return [sample[place == group] for group in np.unique(place)]


def _group(rows: np.ndarray) -> Group:
    labels, predictions = rows.T
    errors = predictions - labels
    absolute = np.abs(errors)
    mae, mean_bias = float(absolute.mean()), float(errors.mean())
    return Group(
        low=float(labels.min()),
        high=float(labels.max()),
        rows=len(rows),
        mae=mae,
        mae_interval=of_mean(mae, absolute, len(rows)),
        mean_bias=mean_bias,
        mean_bias_interval=of_mean(mean_bias, errors, len(rows)),
    )


def _chart(groups: list[Group], name: str, title: str) -> dict[str, Any]:
    rows = []
    for number, group in enumerate(groups, 1):
        value = getattr(group, name)
        interval = getattr(group, f"{name}_interval") or Interval(value, value)
        rows.append({"group": number, "from": group.low, "to": group.high, "value": value})
        rows[-1] |= interval._asdict() | {"rows": group.rows}
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("group:O", title="group, the smallest labels first", axis=alt.Axis(labelAngle=0)),
        tooltip=[
            *(alt.Tooltip(f"{field}:Q", format=",.4~g") for field in ("from", "to", "value")),
            alt.Tooltip("rows:Q", format=","),
        ],
    )
    bars = base.mark_bar(color=charts.CATEGORIES[0]).encode(y=alt.Y("value:Q", title=None))
    errors = base.mark_rule(strokeWidth=2, color="#888888").encode(y="low:Q", y2="high:Q")
    return charts.specification((bars + errors).properties(title=title))
