"""Pages over several runs: side by side, or all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.report import charts
from components.report.evidence import Section
from components.report.lineage import Node
from components.report.page import page
from components.report.sections.training import curves, has_history, read_history


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        run_id: The run's name.
        tutorial: The tutorial's name.
        facts: What to tell of it, by heading.
        parameters: Hyper-parameters and seed.
        metrics: Of the whole test split.
        blessed: Whether its model was blessed.
        nodes: What ran.
        report: Its own report, if it has one.
    """

    run_id: str
    tutorial: str
    facts: Mapping[str, str]
    parameters: Mapping[str, Any]
    metrics: Mapping[str, float | None]
    blessed: bool
    nodes: Sequence[Node]
    report: Path | None

    @property
    def history(self) -> list[dict[str, float]]:
        """The figures of each epoch; empty for a model that is learnt in one go."""
        for node in self.nodes:
            folder = Path(node.outputs.get("model_run", ""))
            if "model_run" in node.outputs and has_history(folder):
                return read_history(folder)
        return []


def side_by_side(runs: Sequence[Outcome]) -> str:
    """Returns a page that compares runs, also of several tutorials.

    Args:
        runs: Two or more; the others are compared with the first.
    """
    parameters = _joined([run.parameters for run in runs])
    differing = {
        name: values
        for name, values in parameters.items()
        if any(value != values[0] for value in values)
    }
    metrics = _joined([run.metrics for run in runs])
    seconds = _joined([{node.node_id: node.seconds for node in run.nodes} for run in runs])
    histories = {_short(run, runs): run.history for run in runs if len(run.history) > 1}
    drawn = curves(histories) if histories else {}
    sections = [
        Section("Runs", "runs.html.j2", {"runs": runs, "tutorials": False}, {}),
        Section(
            "Metrics",
            "compared.html.j2",
            {"runs": runs, "rows": metrics, "differences": True},
            {},
        ),
        Section(
            "Parameters that differ",
            "compared.html.j2",
            {"runs": runs, "rows": differing, "differences": False},
            {},
        ),
    ]
    if drawn:
        specifications = {name: charts.specification(chart) for name, chart in drawn.items()}
        sections.append(Section("Training", "curves.html.j2", {}, specifications))
    sections.append(
        Section(
            "Seconds by node",
            "compared.html.j2",
            {"runs": runs, "rows": seconds, "differences": False},
            {},
        )
    )
    return page("Comparison of runs", ", ".join(run.run_id for run in runs), sections, {})


def index(runs: Sequence[Outcome]) -> str:
    """Returns a page that lists runs, with links to their reports.

    Args:
        runs: Of all tutorials, in the order in which to list them.
    """
    sections = [
        Section(
            tutorial,
            "runs.html.j2",
            {"runs": [run for run in runs if run.tutorial == tutorial], "tutorials": True},
            {},
        )
        for tutorial in dict.fromkeys(run.tutorial for run in runs)
    ]
    return page("All runs", f"{len(runs)} runs, newest first", sections, {})


def _joined(columns: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Returns a row for each name, None where a column lacks it."""
    names = dict.fromkeys(name for column in columns for name in column)
    return {name: [column.get(name) for column in columns] for name in names}


def _short(run: Outcome, runs: Sequence[Outcome]) -> str:
    """Returns a name for legends: the number that the tables give the run."""
    return f"{runs.index(run) + 1}"
