"""Charts of distributions, and of the distances between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import altair as alt

from components.report import charts
from components.report.distances import Distance
from components.report.statistics import TOP_VALUES, Column

_MAX_VALUE_LENGTH = 80  # characters; a review is a value, too
_MAX_FEATURES = 40
_HEIGHT, _ROW = 110, 18  # pixels
_POINTS = "points"

COLORS = charts.CATEGORIES
"""The colors of the splits, in their order."""


def distribution(by_split: Mapping[str, Column]) -> dict[str, Any] | None:
    """Draws the distributions of a feature in all splits, on top of each other.

    Args:
        by_split: Split -> the feature's column.

    Returns:
        None if no value occurs twice, or if there are no statistics.
    """
    kinds = {column.kind for column in by_split.values()}
    if kinds == {"number"}:
        return _histograms(by_split)
    if kinds == {"string"} and any(c.statistics["distinct"] < c.present for c in by_split.values()):
        return _frequencies(by_split)
    return None


def _histograms(by_split: Mapping[str, Column]) -> dict[str, Any] | None:
    points = []
    for split, column in by_split.items():
        buckets = [bucket for bucket in column.histogram if bucket.high > bucket.low]
        # The buckets of a split have the same width, but those of another split may be wider.
        points += [
            {"split": split, **b._asdict(), "density": b.share / (b.high - b.low)} for b in buckets
        ]
        # The outline ends at zero.
        points += [
            {"split": split, "low": b.high, "high": b.high, "share": 0, "density": 0}
            for b in buckets[-1:]
        ]
    return {**_histogram(tuple(by_split)), "datasets": {_POINTS: points}} if points else None


def _frequencies(by_split: Mapping[str, Column]) -> dict[str, Any]:
    top = dict.fromkeys(f.value for column in by_split.values() for f in column.top)
    shown = {*list(top)[:TOP_VALUES]}
    points = [
        {"split": split, "value": _short(frequency.value), "share": frequency.share}
        for split, column in by_split.items()
        for frequency in column.top
        if frequency.value in shown
    ]
    drawing = _ranking(tuple(by_split))
    return {**drawing, "height": _ROW * len(shown), "datasets": {_POINTS: points}}


# Altair is slow, so the same chart is not built twice.
@cache
def _histogram(splits: Sequence[str]) -> dict[str, Any]:
    base = alt.Chart(alt.NamedData(_POINTS)).encode(
        x=alt.X(
            "low:Q",
            title=None,
            scale=alt.Scale(zero=False),
            axis=alt.Axis(grid=False, tickCount=4, format="~s"),
        ),
        y=alt.Y("density:Q", axis=None, scale=alt.Scale(zero=True)),
        color=alt.Color("split:N", legend=None, scale=charts.color_scale(splits)),
    )
    bars = base.mark_rect(opacity=0.12).encode(
        x2="high:Q",
        y2=alt.datum(0),
        tooltip=["split:N", "low:Q", "high:Q", alt.Tooltip("share:Q", format=".1%")],
    )
    outline = base.mark_line(interpolate="step-after", strokeWidth=1.5)
    return charts.specification(bars + outline) | {"height": _HEIGHT}


@cache
def _ranking(splits: Sequence[str]) -> dict[str, Any]:
    base = alt.Chart(alt.NamedData(_POINTS)).encode(
        x=alt.X("share:Q", title=None, axis=alt.Axis(format="~%", tickCount=4)),
        y=alt.Y(
            "value:N",
            title=None,
            sort=None,
            axis=alt.Axis(labelLimit=130, ticks=False, domain=False),
        ),
        color=alt.Color("split:N", legend=None, scale=charts.color_scale(splits)),
        tooltip=["split:N", "value:N", alt.Tooltip("share:Q", format=".1%")],
    )
    bars = base.transform_filter(alt.datum.split == splits[0]).mark_bar(opacity=0.25)
    return charts.stepped(bars + base.mark_tick(thickness=3, height=_ROW - 4), _ROW, TOP_VALUES)


def distances(versus: Mapping[str, Mapping[str, Distance]]) -> dict[str, Any] | None:
    """Draws the distances of the features from `train`, the largest on top.

    Args:
        versus: Other data -> feature -> distance.
    """
    points = [
        {"versus": other, "feature": _short(name), **distance._asdict()}
        for other, found in versus.items()
        for name, distance in found.items()
    ]
    largest: dict[str, float] = {}
    for point in points:
        largest[point["feature"]] = max(largest.get(point["feature"], 0.0), point["value"])
    names = sorted(largest, key=lambda name: -largest[name])[:_MAX_FEATURES]
    if not names:
        return None
    legend = alt.Legend(values=list(versus))
    drawing = (
        alt.Chart(alt.Data(values=[point for point in points if point["feature"] in names]))
        .mark_point(filled=True, size=70, opacity=0.9)
        .encode(
            x=alt.X("value:Q", title="distance from train"),
            y=alt.Y("feature:N", title=None, sort=names),
            # The same colors as in the charts of the features, where train is the first split.
            color=alt.Color(
                "versus:N", scale=charts.color_scale(["train", *versus]), legend=legend
            ),
            shape=alt.Shape("versus:N", scale=alt.Scale(domain=["train", *versus]), legend=legend),
            tooltip=["versus:N", "feature:N", "measure:N", alt.Tooltip("value:Q", format=".4f")],
        )
    )
    return charts.stepped(drawing, _ROW, len(names))


def _short(text: str) -> str:
    return text if len(text) <= _MAX_VALUE_LENGTH else text[: _MAX_VALUE_LENGTH - 1] + "…"
