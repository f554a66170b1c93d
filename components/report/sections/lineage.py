"""The nodes of the run, their artifacts, and their costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import altair as alt

from components.report import charts
from components.report.evidence import Evidence, Section
from components.report.lineage import Artifact, Node

_COLORS = {"run": "#4477aa", "cached": "#999999", "failed": "#ee6677", "interrupted": "#ccbb44"}
_BAR, _ROW = 22, 28  # pixels
_NAMES = 1.0  # widths of the widest arc, for the names beside it
_CONDITION = "_"
"""The prefix of the keys of inputs that TFX uses for conditions and the node does not read."""


def build(run: Evidence) -> Section | None:
    """Builds the section."""
    if not run.nodes:
        return None
    origins = {artifact.id: node.node_id for node in run.nodes for artifact in node.artifacts}
    return Section(
        "Lineage and cost",
        "lineage.html.j2",
        {"lines": [{"node": node, "reads": _reads(node, origins)} for node in run.nodes]},
        {
            "graph of the run": charts.stepped(_graph(run.nodes, origins), _ROW, len(run.nodes)),
            "seconds of each node": charts.stepped(_timeline(run.nodes), _BAR, len(run.nodes)),
            "peak memory of each node": charts.stepped(_memory(run.nodes), _BAR, len(run.nodes)),
        },
    )


def _reads(node: Node, origins: dict[int, str]) -> list[tuple[Artifact, str]]:
    """Returns the artifacts that a node read, with the node that wrote each, "" if in no run."""
    return [(a, origins.get(a.id, "")) for a in node.inputs if not a.key.startswith(_CONDITION)]


def _graph(nodes: Sequence[Node], origins: dict[int, str]) -> Any:
    """Draws the nodes in order, with an arc from each node to those that read its output."""
    places = {node.node_id: place for place, node in enumerate(nodes)}
    keys: dict[tuple[str, str], list[str]] = defaultdict(list)
    for node in nodes:
        for artifact in node.inputs:
            if artifact.id in origins:
                keys[origins[artifact.id], node.node_id].append(artifact.key)
    arcs: list[dict[str, Any]] = []
    for (source, target), read in keys.items():
        first, last = places[source], places[target]
        condition = all(key.startswith(_CONDITION) for key in read)
        arc = {
            "from": source,
            "to": target,
            "what": ", ".join(key.removeprefix(_CONDITION) for key in read),
            "tie": "waits for" if condition else "reads",
        }
        # The farther apart the nodes, the wider the curve. It reaches half as far as its corners.
        corners = ((0, first), (wide := 1.5 * (first - last), first), (wide, last), (0, last))
        for step, (x, y) in enumerate(corners):
            arcs.append({**arc, "arc": f"{first} {last}", "step": step, "x": x, "place": y})
    widest = max((places[target] - places[source] for source, target in keys), default=1)
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-widest, widest * _NAMES]))
    y = alt.Y("place:Q", axis=None, scale=alt.Scale(reverse=True, nice=False, zero=False))
    hover = alt.selection_point(on="pointerover", fields=["arc"], empty=False)
    lines = (
        alt.Chart(alt.Data(values=arcs))
        .mark_line(interpolate="basis", strokeWidth=2, color="#888888")
        .encode(
            x=x,
            y=y,
            order="step:Q",
            detail="arc:N",
            strokeDash=alt.StrokeDash("tie:N", scale=alt.Scale(range=[[1, 0], [3, 3]])),
            opacity=alt.when(hover).then(alt.value(1)).otherwise(alt.value(0.45)),
            tooltip=["from:N", "to:N", "tie:N", "what:N"],
        )
        .add_params(hover)
    )
    marks = alt.Chart(
        alt.Data(
            values=[
                {"x": 0, "place": place, "node": node.node_id, "state": node.state}
                for place, node in enumerate(nodes)
            ]
        )
    ).encode(x=x, y=y)
    states = sorted({node.state for node in nodes}, key=list(_COLORS).index)
    dots = marks.mark_circle(size=130, opacity=1).encode(color=_state(alt.Legend(values=states)))
    names = marks.mark_text(align="left", dx=12, fontSize=13).encode(text="node:N")
    return lines + dots + names


def _timeline(nodes: Sequence[Node]) -> Any:
    start = nodes[0].started
    rows = []
    for node in nodes:
        begin = (node.started - start).total_seconds()
        rows.append(
            {
                "node": node.node_id,
                "state": node.state,
                "start": begin,
                "end": begin + node.seconds,
                "seconds": node.seconds,
                "processor": node.cpu_seconds,
            }
        )
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(minBandSize=2)
        .encode(
            x=alt.X("start:Q", title="seconds since the start"),
            x2="end:Q",
            y=_names(),
            color=_state(),
            tooltip=[
                "node:N",
                "state:N",
                alt.Tooltip("seconds:Q", format=".1f"),
                alt.Tooltip("processor:Q", title="processor seconds", format=".1f"),
            ],
        )
    )


def _memory(nodes: Sequence[Node]) -> Any:
    rows = [
        {"node": node.node_id, "state": node.state, "gigabytes": node.peak_memory / 1e9}
        for node in nodes
    ]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_bar()
        .encode(
            x=alt.X("gigabytes:Q", title="peak memory in GB"),
            y=_names(),
            color=_state(),
            tooltip=["node:N", "state:N", alt.Tooltip("gigabytes:Q", format=".2f")],
        )
    )


def _names() -> Any:
    return alt.Y("node:N", sort=None, title=None, axis=alt.Axis(labelLimit=160))


def _state(legend: Any = None) -> Any:
    colors = list(_COLORS.values())
    return alt.Color("state:N", legend=legend, scale=alt.Scale(domain=list(_COLORS), range=colors))
