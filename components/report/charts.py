"""Vega-Lite specifications of charts, and the runtime that draws them without a network."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from typing import Any

import altair as alt
import vl_convert
from altair.utils import schemapi

from components.user_cache import user_cache

HEIGHT = 260
"""The height of a chart in pixels; its width is that of the container."""

SLICE, THRESHOLD = "slice", "threshold"
"""Parameters that the controls of the page set, in all charts that have them."""

CATEGORIES = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#888888")
"""Paul Tol's "bright" palette (2021), which is safe for color-blind readers."""


def themes() -> dict[str, Any]:
    """Returns Vega-Lite's configuration for a light and a dark page."""
    return {
        "light": _theme(ink="#24292f", soft="#57606a", line="#d8dde3"),
        "dark": _theme(ink="#e6edf3", soft="#9aa4ae", line="#3a4149"),
    }


def _theme(ink: str, soft: str, line: str) -> dict[str, Any]:
    text = {"labelColor": soft, "titleColor": soft, "labelFontSize": 12, "titleFontSize": 12}
    return {
        "background": "transparent",
        # A chart is one picture with a name. Screen readers would read out each mark without one.
        "aria": False,
        "mark": {"aria": False},
        "font": "system-ui, sans-serif",
        "view": {"stroke": None},
        "axis": {**text, "gridColor": line, "domainColor": line, "tickColor": line},
        "legend": {**text, "orient": "top", "title": None},
        "header": text,
        "text": {"color": ink},
        "title": {"color": ink, "fontSize": 14, "anchor": "start", "fontWeight": 600},
        "range": {"category": list(CATEGORIES)},
    }


def unchecked() -> Any:
    """Returns a context in which altair does not validate charts.

    Validation against Vega-Lite's schema takes longer than the rest of a report. Instead, tests
    draw all charts in a browser.
    """
    return schemapi.debug_mode(False)


def specification(chart: Any) -> dict[str, Any]:
    """Returns a chart's specification, as wide as its container.

    Args:
        chart: An altair chart. The page adds data sets that it refers to by `alt.NamedData`.
    """
    sized = chart.properties(width="container", height=HEIGHT)
    found: dict[str, Any] = sized.to_dict(validate=False)
    # The page has its own configuration, for light and dark.
    found.pop("config", None)
    found["autosize"] = {"type": "fit", "contains": "padding"}
    return found


def stepped(chart: Any, step: int, rows: int) -> dict[str, Any]:
    """Returns the specification of a chart with a fixed height per row.

    Args:
        chart: An altair chart.
        step: The height of a row in pixels.
        rows: The number of rows.
    """
    # Vega-Lite's own steps do not work with a width that fits, and warn on the console.
    found = specification(chart)
    return found | {
        "height": step * max(rows, 1),
        "autosize": {"type": "fit-x", "contains": "padding"},
    }


def lines(rows: Sequence[dict[str, Any]], x: str, y: str, series: str) -> Any:
    """Draws a line for each value of `series`, in a color of its own.

    Args:
        rows: The points, each with x, y, and `series`.
        x: The name of the field on the horizontal axis.
        y: The name of the field on the vertical axis.
        series: The name of the field that distinguishes the lines.
    """
    return (
        alt.Chart(alt.Data(values=list(rows)))
        .mark_line(point=len(rows) < 60)
        .encode(
            x=alt.X(f"{x}:Q", title=x, axis=alt.Axis(tickMinStep=1), scale=alt.Scale(zero=False)),
            y=alt.Y(f"{y}:Q", title=None, scale=alt.Scale(zero=False)),
            color=color(series, list(dict.fromkeys(row[series] for row in rows))),
            tooltip=[f"{series}:N", f"{x}:Q", alt.Tooltip(f"{y}:Q", format=".4f")],
        )
    )


def with_rule(chart: Any, where: float | None, axis: str) -> Any:
    """Adds a dashed vertical line to a chart.

    Args:
        chart: A chart from `lines`.
        where: The place on the horizontal axis. None adds nothing.
        axis: The name of the field on that axis.
    """
    if where is None:
        return chart
    rule = (
        alt.Chart(alt.Data(values=[{axis: where}]))
        .mark_rule(strokeDash=[4, 4], color="#888888")
        .encode(x=f"{axis}:Q", tooltip=alt.Tooltip(f"{axis}:Q", title="kept"))
    )
    return alt.layer(rule, chart)


def color(field: str, values: Sequence[str]) -> Any:
    """Returns the encoding of values as colors, the same in all charts.

    Args:
        field: The name of the field.
        values: Its values, in the order of the palette.
    """
    return alt.Color(f"{field}:N", scale=color_scale(values))


def color_scale(values: Sequence[str]) -> Any:
    """Returns the scale that gives values the colors of the palette, in its order."""
    return alt.Scale(domain=list(values), range=list(CATEGORIES[: len(values)]))


def parameter(name: str, value: Any) -> Any:
    """Returns a parameter that a control of the page sets.

    Args:
        name: The name.
        value: The first value.
    """
    return alt.param(name=name, value=value)


@cache
def runtime() -> str:
    """Returns Vega, Vega-Lite, and Vega-Embed as one script that sets `vegaEmbed`, about 0.9 MB.

    vl-convert needs some seconds to build it, so the user's cache keeps it.
    """
    name = f"vega-{version('vl-convert-python')}.js"
    kept = user_cache() / name
    with suppress(OSError):
        return kept.read_text("utf-8")
    script: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # has a default
    # Nothing inside <script> may look like its end.
    script = script.replace("</script", "<\\/script")
    with suppress(OSError):  # such as a home folder that is read-only
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_name(f"{name}.{os.getpid()}")
        partial.write_text(script, "utf-8")
        partial.replace(kept)  # complete or absent
    return script
