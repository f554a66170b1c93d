"""Writes the records of trainings without Keras, in the formats that Keras uses."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import tensorflow as tf

from trainer_modules.shared.files import CHOICE_FILE, EPOCH_COLUMN, EVAL_PREFIX, HISTORY_FILE

_SPLITS = {"": "train", EVAL_PREFIX: "validation"}


def write_history(log_dir: Path, history: Sequence[Mapping[str, float]]) -> None:
    """Writes HISTORY_FILE.

    Args:
        log_dir: The folder to write to.
        history: The metrics of each epoch, by name.
    """
    log_dir.mkdir(parents=True, exist_ok=True)
    with (log_dir / HISTORY_FILE).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [EPOCH_COLUMN, *history[0]])
        writer.writeheader()
        writer.writerows({EPOCH_COLUMN: epoch, **metrics} for epoch, metrics in enumerate(history))


def write_choice(log_dir: Path, *, kept: int, most: int, again: bool = False) -> None:
    """Writes CHOICE_FILE, which the report reads together with the history.

    Args:
        log_dir: The folder of the history.
        kept: The number of the epoch whose model was kept, from 1.
        most: The maximum number of epochs; if the history has fewer, training stopped early.
        again: Whether the model was then trained again on train and eval, for `kept` epochs.
    """
    content = json.dumps({"kept": kept, "most": most, "again": again})
    (log_dir / CHOICE_FILE).write_text(content, encoding="utf-8")


class Curves:
    """Writes metrics for TensorBoard, one run per split."""

    def __init__(self, log_dir: Path):
        """Creates the event files below `log_dir`."""
        self._writers = {
            prefix: tf.summary.create_file_writer(str(log_dir / split))
            for prefix, split in _SPLITS.items()
        }

    def add(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Adds the metrics of an epoch, by name. Metrics on eval have the prefix `val_`."""
        for name, value in metrics.items():
            prefix = EVAL_PREFIX if name.startswith(EVAL_PREFIX) else ""
            with self._writers[prefix].as_default(epoch):
                tf.summary.scalar(f"epoch_{name.removeprefix(prefix)}", value)
