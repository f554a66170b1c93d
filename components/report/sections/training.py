"""The training curves."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import altair as alt

from components.report import charts
from components.report.evidence import Evidence, Section
from trainer_modules.shared.files import (
    CHOICE_FILE,
    EPOCH_COLUMN,
    EVAL_PREFIX,
    HISTORY_FILE,
    SECONDS_COLUMN,
)

_POINTS = 400  # of a curve, at most


def build(run: Evidence) -> Section | None:
    """Builds the section."""
    if run.model_run is None or not has_history(run.model_run):
        return None
    history = read_history(run.model_run)
    if len(history) < 2:
        return None  # a model that is not trained in epochs has no curves
    choice = _read_choice(run.model_run)
    return Section(
        "Training",
        "training.html.j2",
        {
            "epochs": len(history),
            "choice": choice,
            "seconds": sum(epoch.get(SECONDS_COLUMN, 0.0) for epoch in history),
            "history": history,
        },
        {
            name: charts.specification(charts.with_rule(chart, choice.get("kept"), "epoch"))
            for name, chart in curves(history).items()
        },
    )


def _read_choice(folder: Path) -> dict[str, int]:
    """Returns what `trainer_modules.shared.history.write_choice` wrote, if it did."""
    file = folder / CHOICE_FILE
    return json.loads(file.read_text("utf-8")) if file.exists() else {}


def has_history(folder: Path) -> bool:
    """Whether a Trainer left one in its `model_run`."""
    return (folder / HISTORY_FILE).exists()


def read_history(folder: Path) -> list[dict[str, float]]:
    """Reads the metrics of each epoch, by name. Names on eval begin with `val_`."""
    with (folder / HISTORY_FILE).open(newline="", encoding="utf-8") as file:
        return [
            {
                name: float(value)
                for name, value in row.items()
                if value != "" and name != EPOCH_COLUMN
            }
            for row in csv.DictReader(file)
        ]


def points(histories: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, list[Any]]:
    """Returns metric -> rows with `run`, `split`, `epoch` (from 1), and `value`.

    Args:
        histories: The name of a run -> its epochs.
    """
    step = -(-max(map(len, histories.values())) // _POINTS)
    names = dict.fromkeys(
        name.removeprefix(EVAL_PREFIX)
        for history in histories.values()
        for metrics in history
        for name in metrics
    )
    return {
        name: [
            {"run": run, "split": split, "epoch": epoch, "value": metrics[key]}
            for run, history in histories.items()
            # From the end, so that the last epoch is included.
            for epoch, metrics in reversed([*enumerate(history, 1)][::-step])
            for split, key in (("train", name), ("eval", f"{EVAL_PREFIX}{name}"))
            if key in metrics
        ]
        for name in names
    }


def curves(history: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Draws a chart per metric, with its curves on train and on eval.

    Args:
        history: The metrics of each epoch.
    """
    return {
        name: charts.lines(rows, "epoch", "value", "split").properties(title=alt.TitleParams(name))
        for name, rows in points({"": history}).items()
    }
