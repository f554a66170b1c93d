"""Tables and a chart of the measurements."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import altair as alt
from rich.table import Table

from benchmarks.cases import AGAIN, BARE, OURS, STOCK
from benchmarks.measure import Measurement

_METRICS = ("accuracy", "auc")
_REST = "imports and the rest"
_MB = 1 << 20
_JSON, _SVG = "results.json", "results.svg"
_VISIBLE = 0.5
"""Seconds below which a part gets no color of its own."""

_RATIOS = ("ours / stock", "ours / bare", "nodes except Trainer, ours / stock", "ours / ours again")


def add(
    folder: Path,
    case: str,
    by_side: Mapping[str, Sequence[Measurement]],
    machine: Mapping[str, str],
) -> None:
    """Stores the runs of a case in the folder's results.json, and replaces earlier ones.

    Args:
        folder: The folder of the benchmarks' files.
        case: The name of the case.
        by_side: Side -> its runs.
        machine: The machine that they ran on.
    """
    known = _known(folder)
    known[case] = {"machine": dict(machine), "summary": _summary(by_side), "runs": dict(by_side)}
    (folder / _JSON).write_text(json.dumps(known, indent=2, default=asdict), "utf-8")


def case_table(folder: Path) -> Table:
    """Returns the ratios of all cases that have been measured."""
    table = Table("case", *_RATIOS, box=None)
    for case, found in _known(folder).items():
        table.add_row(case, *(f"{found['summary'][ratio]:.2f}" for ratio in _RATIOS))
    return table


def _known(folder: Path) -> dict[str, Any]:
    file = folder / _JSON
    return json.loads(file.read_text("utf-8")) if file.exists() else {}


def _summary(by_side: Mapping[str, Sequence[Measurement]]) -> dict[str, float]:
    wall = {side: _median([run.wall for run in runs]) for side, runs in by_side.items()}
    others = {
        side: _median([_without_trainer(run) for run in by_side[side]]) for side in (OURS, STOCK)
    }
    ratios = (
        wall[OURS] / wall[STOCK],
        wall[OURS] / wall[BARE],
        others[OURS] / others[STOCK],
        wall[OURS] / wall[AGAIN],
    )
    return dict(zip(_RATIOS, ratios, strict=True))


def node_table(case: str, by_side: Mapping[str, Sequence[Measurement]]) -> Table:
    """Returns seconds of nodes and processes: medians, ranges, and ratios of ours to the others."""
    rows: dict[str, dict[str, list[float]]] = {}
    for side, runs in by_side.items():
        for node in runs[0].nodes:
            rows.setdefault(node, {})[side] = [run.nodes[node].seconds for run in runs]
    for label, quantity in (
        ("Nodes except Trainer", _without_trainer),
        ("Process", lambda run: run.wall),
        ("Processor time", lambda run: run.cpu),
    ):
        rows[label] = {
            side: [quantity(run) for run in runs]
            for side, runs in by_side.items()
            if label != "Nodes except Trainer" or runs[0].nodes
        }
    others = [side for side in by_side if side != OURS]
    table = Table(f"{case}, seconds", box=None)
    for side in by_side:
        table.add_column(side, justify="right")
    for side in others:
        table.add_column(f"/ {side}", justify="right")
    for name, row in rows.items():
        ratios = [
            f"{_median(row[OURS]) / _median(row[side]):.2f}" if {OURS, side} <= set(row) else ""
            for side in others
        ]
        table.add_row(name, *(_spread(row.get(side)) for side in by_side), *ratios)
    for metric in _METRICS:
        table.add_row(metric, *(_metric(runs, metric) for runs in by_side.values()))
    return table


def usage_table(case: str, by_side: Mapping[str, Sequence[Measurement]]) -> Table:
    """Returns processor seconds, peak memory, and bytes written of each node of ours and stock."""
    table = Table(f"{case}: processor s, peak MiB, MiB written", box=None)
    sides = (OURS, STOCK)
    for side in sides:
        table.add_column(side, justify="right")
    names = dict.fromkeys(name for side in sides for name in by_side[side][0].nodes)
    for name in names:
        cells = []
        for side in sides:
            found = [run.nodes[name] for run in by_side[side] if name in run.nodes]
            cells.append(
                f"{_median([n.cpu for n in found]):.1f}, {max(n.peak for n in found) / _MB:,.0f}, "
                f"{max(n.written for n in found) / _MB:.1f}"
                if found
                else ""
            )
        table.add_row(name, *cells)
    return table


def picture(folder: Path) -> None:
    """Draws the seconds of each node in the median run of each side of all cases: results.svg."""
    bars = []
    for case, found in _known(folder).items():
        for side in (OURS, STOCK, BARE):
            runs = sorted(found["runs"][side], key=lambda run: run["wall"])
            run = runs[len(runs) // 2]
            parts = {name: node["seconds"] for name, node in run["nodes"].items()}
            parts[_REST if parts else BARE] = run["wall"] - sum(parts.values())
            bars += [
                {"case": case, "side": side, "part": part, "seconds": seconds, "order": order}
                for order, (part, seconds) in enumerate(parts.items())
                if seconds > _VISIBLE
            ]
    chart = (
        alt.Chart(alt.Data(values=bars))
        .mark_bar()
        .encode(
            x=alt.X("seconds:Q", title="seconds from process start to report"),
            y=alt.Y("side:N", title=None, sort=[OURS, STOCK, BARE]),
            color=alt.Color("part:N", title=None, scale=alt.Scale(scheme="tableau20")),
            order="order:O",
        )
        .properties(width=700, height={"step": 22})
        .facet(row=alt.Row("case:N", title=None, sort=None))
        .resolve_scale(x="independent")
        .configure(background="white")
    )
    chart.save(folder / _SVG)


def _without_trainer(run: Measurement) -> float:
    return sum(node.seconds for name, node in run.nodes.items() if name != "Trainer")


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)


def _spread(values: Sequence[float] | None) -> str:
    if values is None:
        return ""
    return f"{_median(values):.1f} ({min(values):.1f}-{max(values):.1f})"


def _metric(runs: Sequence[Measurement], name: str) -> str:
    value = runs[0].metrics.get(name)
    return "-" if value is None else f"{value:.4f}"
