"""Reads the history of a training."""

from __future__ import annotations

import csv
from pathlib import Path

HISTORY_FILE = "history.csv"
"""One line per epoch, in the folder of the `ModelRun`; figures on eval have the prefix `val_`."""


def read_history(model_run: str | Path) -> list[dict[str, float]]:
    """Returns the figures of each epoch by name; empty if the trainer recorded none.

    Args:
        model_run: Folder of a `ModelRun` artifact.
    """
    file = Path(model_run, HISTORY_FILE)
    if not file.exists():
        return []
    with file.open(newline="", encoding="utf-8") as lines:
        return [
            {name: float(value) for name, value in row.items() if value}
            for row in csv.DictReader(lines)
        ]
