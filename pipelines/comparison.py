"""What runs have in common and what sets them apart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from components.errors import UsageError
from components.report.sections.training import read_history
from pipelines.history import Run
from pipelines.results import Outcome, outcome

Row = tuple[Any, ...]
"""One value per run, in their order; None where a run has none."""


@dataclass(frozen=True)
class Comparison:
    """Runs side by side.

    Attributes:
        runs: In the order in which they were asked for.
        labels: Short names: a letter each.
        outcomes: How each ended.
        settings: Name -> values of what they were given, where that differs.
        shared: Name -> value of what all were given alike.
        metrics: Name -> values, on `test`.
        seconds: Node -> how long it took.
        histories: The figures of each epoch, by name, of each run.
    """

    runs: tuple[Run, ...]
    labels: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    settings: Mapping[str, Row]
    shared: Mapping[str, str]
    metrics: Mapping[str, Row]
    seconds: Mapping[str, Row]
    histories: tuple[Sequence[Mapping[str, float]], ...]


def compare(runs: Sequence[Run]) -> Comparison:
    """Puts runs side by side, of one tutorial or several.

    Raises:
        UsageError: They are fewer than two, more than there are letters, or not all different.
    """
    if not 2 <= len(runs) <= len(ascii_uppercase):
        raise UsageError(f"Give 2 to {len(ascii_uppercase)} runs to compare, not {len(runs)}.")
    if len({run.run_id for run in runs}) < len(runs):
        raise UsageError("Give each run once.")
    given = _side_by_side([_settings(run) for run in runs])
    return Comparison(
        runs=tuple(runs),
        labels=tuple(ascii_uppercase[: len(runs)]),
        outcomes=tuple(map(outcome, runs)),
        settings={name: row for name, row in given.items() if len(set(row)) > 1},
        shared={name: row[0] for name, row in given.items() if len(set(row)) == 1},
        metrics=_side_by_side([run.summary.get("metrics", {}) for run in runs]),
        seconds=_side_by_side([{n.node_id: n.seconds for n in run.nodes} for run in runs]),
        histories=tuple(map(_history, runs)),
    )


def _side_by_side(columns: Sequence[Mapping[str, Any]]) -> dict[str, Row]:
    names = dict.fromkeys(name for column in columns for name in column)
    return {name: tuple(column.get(name) for column in columns) for name in names}


def _settings(run: Run) -> dict[str, str]:
    """Returns what a run was given, each as `tutorials run` takes it."""
    parameters = json.loads(run.properties["parameters"])
    return {
        "tutorial": run.tutorial,
        "data": run.properties["data"],
        "seed": run.properties["seed"],
        **{name: _as_given(value) for name, value in parameters.items() if value is not None},
    }


def _as_given(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _history(run: Run) -> list[dict[str, float]]:
    folders = (node.outputs["model_run"] for node in run.nodes if "model_run" in node.outputs)
    folder = next(folders, None)
    return read_history(Path(folder)) if folder else []
