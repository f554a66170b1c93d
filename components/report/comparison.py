"""Pages about several runs: a comparison, and a list of all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import altair as alt

from components.report import charts
from components.report.evidence import Section
from components.report.lineage import Node
from components.report.page import page
from components.report.sections.training import has_history, points, read_history

MAX_RUNS = len(ascii_uppercase)
"""The most runs that one page compares: each has a letter."""

_MAX_SETTING_LENGTH = 60  # characters of a setting in a legend


@dataclass(frozen=True)
class RunColumn:
    """A run, as a column of a comparison or a row of the list.

    Attributes:
        run_id: The run's name.
        tutorial: The tutorial's name.
        verdict: How it ended, in words.
        good: Whether that is good; None if it is neither good nor bad.
        facts: Further information, by heading.
        settings: The hyper-parameters, the seed, and the data.
        metrics: The metrics of the whole test split.
        deciding: The names of the metrics that decide about the blessing.
        nodes: The nodes that ran.
        report: A link to its own report; None if it has none.
    """

    run_id: str
    tutorial: str
    verdict: str
    good: bool | None
    facts: Mapping[str, str]
    settings: Mapping[str, Any]
    metrics: Mapping[str, float | None]
    deciding: Sequence[str]
    nodes: Sequence[Node]
    report: str | None

    @property
    def seconds(self) -> float:
        """The time that its nodes took."""
        return sum(node.seconds for node in self.nodes)

    @property
    def history(self) -> list[dict[str, float]]:
        """The metrics of each epoch; empty for a model that is not trained in epochs."""
        for node in self.nodes:
            folder = Path(node.outputs.get("model_run", ""))
            if "model_run" in node.outputs and has_history(folder):
                return read_history(folder)
        return []


def side_by_side(runs: Sequence[RunColumn]) -> str:
    """Returns a page that compares runs, which may be of several tutorials.

    Args:
        runs: From two to MAX_RUNS runs. The first is the one that the others are compared with.
    """
    settings = _joined([run.settings for run in runs])
    differing = {name: row for name, row in settings.items() if row != [row[0]] * len(runs)}
    shared = {name: row[0] for name, row in settings.items() if name not in differing}
    labels = [*ascii_uppercase[: len(runs)]]
    histories = {
        _name(label, place, differing): history
        for place, (label, run) in enumerate(zip(labels, runs, strict=True))
        if len(history := run.history) > 1
    }
    seconds = _joined([{node.node_id: _seconds(node) for node in run.nodes} for run in runs])
    seconds["all"] = [run.seconds for run in runs]
    sections = [
        Section(
            "Runs",
            "compared_runs.html.j2",
            {"runs": dict(zip(labels, runs, strict=True)), "rows": differing, "shared": shared},
            {},
        ),
        _table("Metrics", labels, _joined([run.metrics for run in runs]), digits=4),
    ]
    if histories:
        key = dict(zip(histories, cycle(charts.CATEGORIES), strict=False))
        sections.append(
            Section("Training", "compared_curves.html.j2", {"key": key}, _curves(histories))
        )
    return page(
        "Comparison of runs",
        f"{len(runs)} runs of {', '.join(dict.fromkeys(run.tutorial for run in runs))}",
        [*sections, _table("Seconds by node", labels, seconds, digits=1)],
        {},
    )


def index(runs: Sequence[RunColumn]) -> str:
    """Returns a page that lists runs, with links to their reports.

    Args:
        runs: The runs of all tutorials, in the order of the list.
    """
    sections = []
    for tutorial in dict.fromkeys(run.tutorial for run in runs):
        listed = [run for run in runs if run.tutorial == tutorial]
        sections.append(Section(tutorial, "runs.html.j2", {"runs": listed}, {}))
    return page("All runs", f"{len(runs)} runs, newest first", sections, {})


def _curves(histories: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, Any]:
    """Draws a chart per metric, with a color for each run; the page has one legend for all."""
    colors = charts.color("run", list(histories)).legend(None)
    dashes = alt.Scale(domain=["eval", "train"], range=[[1, 0], [2, 3]])
    return {
        name: charts.specification(
            charts.lines(rows, "epoch", "value", "run")
            .encode(color=colors, strokeDash=alt.StrokeDash("split:N", legend=None, scale=dashes))
            .properties(title=name)
        )
        for name, rows in points(histories).items()
    }


def _table(title: str, labels: Sequence[str], rows: Mapping[str, Any], digits: int) -> Section:
    """Returns a table of numbers, each with its difference from the first in its row."""
    values = {"labels": labels, "rows": rows, "digits": digits}
    return Section(title, "compared.html.j2", values, {})


def _joined(columns: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Returns a row for each name, with None for columns that do not have it."""
    names = dict.fromkeys(name for column in columns for name in column)
    return {name: [column.get(name) for column in columns] for name in names}


def _seconds(node: Node) -> float | str:
    return "cached" if node.state == "cached" else node.seconds


def _name(label: str, place: int, differing: Mapping[str, Sequence[Any]]) -> str:
    """Returns a run's name in legends: its letter, and the settings that differ if few do."""
    few = differing if len(differing) <= 2 else {}
    settings = [f"{name} {row[place]}"[:_MAX_SETTING_LENGTH] for name, row in few.items()]
    return " ".join([label, *settings])
