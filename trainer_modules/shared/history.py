"""The history of a training that Keras does not keep, as Keras would keep it."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import tensorflow as tf

HISTORY_FILE = "history.csv"
"""One line per epoch; figures on eval have the prefix `val_`."""

CHOICE_FILE = "choice.json"
"""Which epoch's model was kept."""

_SPLITS = {"": "train", "val_": "validation"}


def write_history(log_dir: Path, history: Sequence[Mapping[str, float]]) -> None:
    """Writes `history.csv`.

    Args:
        log_dir: Where to.
        history: The figures of each epoch, by name.
    """
    log_dir.mkdir(parents=True, exist_ok=True)
    with (log_dir / HISTORY_FILE).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["epoch", *history[0]])
        writer.writeheader()
        writer.writerows({"epoch": epoch, **figures} for epoch, figures in enumerate(history))


def write_choice(log_dir: Path, *, kept: int, most: int, again: bool = False) -> None:
    """Writes CHOICE_FILE, without which a history does not tell what became of it.

    Args:
        log_dir: Where the history is.
        kept: Number of the epoch, from 1, whose model was kept.
        most: How many epochs were allowed; with fewer in the history, training stopped early.
        again: Whether the model was then learnt anew from train and eval, in `kept` epochs.
    """
    content = json.dumps({"kept": kept, "most": most, "again": again})
    (log_dir / CHOICE_FILE).write_text(content, encoding="utf-8")


class Curves:
    """Figures for TensorBoard, one run for each split."""

    def __init__(self, log_dir: Path):
        """Makes the event files below `log_dir`."""
        self._writers = {
            prefix: tf.summary.create_file_writer(str(log_dir / split))
            for prefix, split in _SPLITS.items()
        }

    def add(self, epoch: int, figures: Mapping[str, float]) -> None:
        """Adds the figures of an epoch, by name; those on eval have the prefix `val_`."""
        for name, value in figures.items():
            prefix = "val_" if name.startswith("val_") else ""
            with self._writers[prefix].as_default(epoch):
                tf.summary.scalar(f"epoch_{name.removeprefix(prefix)}", value)
