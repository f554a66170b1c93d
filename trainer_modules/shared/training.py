"""Training a Keras model so that it can be watched, killed, and resumed."""

from __future__ import annotations

import csv
import fcntl
import hashlib
import json
import logging
import os
import shutil
import time
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from trainer_modules.shared.files import EVAL_PREFIX, HISTORY_FILE, SECONDS_COLUMN
from trainer_modules.shared.history import write_choice
from trainer_modules.shared.interrupts import interrupts_wait

progress = logging.getLogger("tutorials.progress")
"""Progress messages for the user; runners show the latest one."""


class _EpochLines(keras.callbacks.Callback):
    """Reports the metrics on eval after each epoch."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        figures = ", ".join(
            f"{name.removeprefix(EVAL_PREFIX)} {value:.4f}"
            for name, value in (logs or {}).items()
            if name.startswith(EVAL_PREFIX)
        )
        progress.info("epoch %d/%d on eval: %s", epoch + 1, self.params["epochs"], figures)


class _EpochCosts(keras.callbacks.Callback):
    """Adds the duration and the final learning rate to the metrics of an epoch."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if logs is not None:
            logs["learning_rate"] = float(
                keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)
            )
            logs[SECONDS_COLUMN] = time.monotonic() - self._began


class _BestWeights(keras.callbacks.ModelCheckpoint):
    """Is not interrupted while it writes, so that a resumed training can read the file."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        with interrupts_wait():
            super().on_epoch_end(epoch, logs)


class _State(keras.callbacks.BackupAndRestore):
    """Is not interrupted while it writes.

    After a kill, Keras goes back to the state before. But a file whose writing was interrupted by
    an exception is valid HDF5 that lacks weights, and Keras does not go back from that.
    """

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        with interrupts_wait():
            super().on_epoch_end(epoch, logs)


def resume_folder(fn_args: Any) -> Path:
    """Returns the folder of a training's state, the same for the same work in every run.

    Args:
        fn_args: TFX's `FnArgs`; `custom_config["checkpoints"]` is the parent folder.
    """
    work = json.dumps(
        [fn_args.train_files, fn_args.transform_output, fn_args.custom_config], sort_keys=True
    )
    name = hashlib.sha256(work.encode()).hexdigest()[:16]
    return Path(fn_args.custom_config["checkpoints"], name)


def own_folder(resume: Path) -> Path:
    """Returns a folder for a training's state that no other process uses.

    Two runs of one pipeline at once may do the same work. The first one has the folder, until its
    process ends, and the other one has a new folder beside it.

    Args:
        resume: The result of `resume_folder`.
    """
    resume.mkdir(parents=True, exist_ok=True)
    # Stays open as long as the process, whose end frees the lock, even if it is killed.
    lock = os.open(resume / "lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return Path(mkdtemp(prefix=f"{resume.name}-", dir=resume.parent))
    return resume


def fit(
    model: keras.Model,
    train: tf.data.Dataset,
    validation: tf.data.Dataset,
    *,
    epochs: int,
    patience: int,
    monitor: str,
    mode: Literal["min", "max"],
    resume: Path,
    log_dir: Path,
) -> None:
    """Trains with early stopping and restores the best weights.

    Args:
        model: The compiled model.
        train: The batches to train on.
        validation: The batches that decide which epoch is best.
        epochs: The maximum number of epochs.
        patience: The number of epochs without improvement of `monitor` before training stops.
        monitor: A metric of the history, such as `val_auc`.
        mode: Whether a lower or a higher value is better.
        resume: The folder of a killed training's state, removed at the end.
        log_dir: The folder of the TensorBoard event files, HISTORY_FILE, and CHOICE_FILE.
    """
    resume.mkdir(parents=True, exist_ok=True)
    history, best = resume / HISTORY_FILE, resume / "best.weights.h5"
    earlier = _column(history, monitor)
    if earlier:
        progress.info("resuming after epoch %d", len(earlier))
    best_yet = (min if mode == "min" else max)(earlier) if earlier else None
    model.fit(
        train,
        validation_data=validation,
        epochs=epochs,
        verbose=0,
        callbacks=[
            _BestWeights(
                best,
                monitor=monitor,
                mode=mode,
                save_best_only=True,
                save_weights_only=True,
                initial_value_threshold=best_yet,
            ),
            keras.callbacks.EarlyStopping(
                monitor=monitor, mode=mode, patience=patience, baseline=best_yet
            ),
            _EpochCosts(),  # before all callbacks that record
            # Before the history, which then never has an epoch that would be trained again.
            _State(resume / "state", double_checkpoint=True),
            keras.callbacks.CSVLogger(history, append=True),
            keras.callbacks.TensorBoard(log_dir, write_graph=False),
            _EpochLines(),
        ],
    )
    model.load_weights(best)
    shutil.copy(history, log_dir / history.name)
    figures = _column(history, monitor)
    # The first of equal values, and never NaN, as in `ModelCheckpoint`.
    kept = int((np.nanargmin if mode == "min" else np.nanargmax)(figures)) + 1
    write_choice(log_dir, kept=kept, most=epochs)
    shutil.rmtree(resume)


def _column(history: Path, name: str) -> list[float]:
    if not history.exists():
        return []
    with history.open(newline="", encoding="utf-8") as lines:
        return [float(row[name]) for row in csv.DictReader(lines)]
