"""What ran, on what, and what it cost."""

from __future__ import annotations

from typing import Any

import altair as alt

from components.report import charts
from components.report.evidence import Evidence, Section

_COLOURS = {"run": "#4477aa", "cached": "#999999", "failed": "#ee6677", "interrupted": "#ccbb44"}
_SCALE = alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values()))
_BAR = 22  # pixels


def build(run: Evidence) -> Section | None:
    """Builds the section."""
    if not run.nodes:
        return None
    start = run.nodes[0].started
    rows = [
        {
            "node": node.node_id,
            "state": node.state,
            "start": (node.started - start).total_seconds(),
            "end": (node.started - start).total_seconds() + node.seconds,
            "seconds": node.seconds,
            "memory": node.peak_memory / 1e6,
        }
        for node in run.nodes
    ]
    timeline = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar()
        .encode(
            x=alt.X("start:Q", title="seconds since the start"),
            x2="end:Q",
            y=alt.Y("node:N", sort=None, title=None, axis=alt.Axis(labelLimit=160)),
            color=alt.Color(
                "state:N", scale=alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values()))
            ),
            tooltip=[
                "node:N",
                "state:N",
                alt.Tooltip("seconds:Q", format=".1f"),
                alt.Tooltip("memory:Q", title="peak memory in MB", format=",.0f"),
            ],
        )
    )
    return Section(
        "Lineage and cost",
        "lineage.html.j2",
        {"nodes": [_line(run, node) for node in run.nodes]},
        {"timeline": charts.stepped(timeline, _BAR, len(rows))},
    )


def _line(run: Evidence, node: Any) -> dict[str, Any]:
    """Returns a node with those whose artifacts it read."""
    return {
        "node": node,
        "from": [other.node_id for other in run.nodes if other.output_ids & node.inputs],
    }
