"""Boosted trees grown with XGBoost, in trainings that can be watched, killed, and resumed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
import xgboost as xgb

from trainer_modules.shared.history import Curves, write_choice, write_history
from trainer_modules.shared.training import progress
from trainer_modules.shared.tree_parameters import Objective

CHECKPOINT_SECONDS = 30.0
"""The most work that a kill can lose. Writing the trees takes 1% of this time."""

ROWS_PER_THREAD = 10_000
"""With fewer rows, threads mostly wait for each other: on a busy machine, 30 rounds on 7,000 rows
took one thread 0.9 s and two threads 3.7 to 12 s. On an idle machine, both took the same time."""

_PROGRESS_SECONDS = 2.0

_PREFIXES = {"train": "", "eval": "val_"}
"""Split -> the prefix of its metrics in a history. The names are those of Keras."""

_Round = dict[str, float]
"""The metrics after a round, by name. Metrics on eval have the prefix `val_`. `seconds` is the
duration of the round."""


class _Rules(NamedTuple):
    """The parts of a training that depend on the objective.

    Attributes:
        metrics: XGBoost's names of the metrics to compute.
        rename: Takes these metrics as keyword arguments and returns the metrics of the history,
            including `loss`.
        two_classes: Whether train and eval need rows of two classes.
    """

    metrics: tuple[str, ...]
    rename: Callable[..., _Round]
    two_classes: bool


_RULES: dict[Objective, _Rules] = {
    "binary:logistic": _Rules(
        ("auc", "logloss"), lambda auc, logloss: {"auc": auc, "loss": logloss}, two_classes=True
    ),
    "reg:squarederror": _Rules(
        ("mae", "rmse"),
        lambda mae, rmse: {"mae": mae, "rmse": rmse, "loss": rmse**2},
        two_classes=False,
    ),
}


class _Batches(xgb.DataIter):
    """Passes batches to XGBoost, which reads all of them several times."""

    def __init__(self, batches: tf.data.Dataset, features: Sequence[str]):
        super().__init__()
        self._batches, self._features = batches, list(features)
        self._left: Iterator[Any] = iter(())

    def reset(self) -> None:
        self._left = self._batches.as_numpy_iterator()

    def next(self, input_data: Callable[..., None]) -> bool:
        batch = next(self._left, None)
        if batch is None:
            return False
        table, labels = batch
        input_data(data=table, label=labels, feature_names=self._features)
        return True


def threads(rows: int) -> int:
    """Returns XGBoost's `nthread` for a number of rows. 0 uses all processors."""
    worthwhile = max(1, rows // ROWS_PER_THREAD)
    return worthwhile if worthwhile < len(os.sched_getaffinity(0)) else 0


def binned(
    batches: tf.data.Dataset,
    features: Sequence[str],
    settings: Mapping[str, Any],
    like: xgb.QuantileDMatrix | None = None,
) -> xgb.QuantileDMatrix:
    """Bins a table, keeping only the bins and one batch in memory.

    Args:
        batches: The rows, from `table_batches`. They are read several times.
        features: The names of the columns.
        settings: XGBoost's parameters. With `max_bin` up to 256, a binned value takes a byte.
        like: A binned table with the bins to use. None computes the bins from the quantiles of
            `batches`.
    """
    return xgb.QuantileDMatrix(
        _Batches(batches, features),
        max_bin=settings["max_bin"],
        nthread=settings.get("nthread"),
        ref=like,
    )


def boost(
    train: xgb.QuantileDMatrix,
    evaluation: xgb.QuantileDMatrix,
    settings: Mapping[str, Any],
    *,
    objective: Objective = "binary:logistic",
    rounds: int,
    patience: int,
    resume: Path,
    log_dir: Path,
) -> xgb.Booster:
    """Grows trees for labels of 0 and 1, or for numeric labels.

    The same rows, settings, and number of threads give the same trees. A resumed training keeps its
    trees and continues with other random numbers, because XGBoost does not save their state.

    Args:
        train: The rows to learn from.
        evaluation: The rows that determine the number of rounds.
        settings: XGBoost's parameters, the same ones that the rows were binned with.
        objective: The objective, which determines the kind of label and the loss.
        rounds: The maximum number of rounds.
        patience: The number of rounds without a lower loss on `evaluation` before training stops.
            0 runs all rounds and keeps their trees.
        resume: The folder for the state of a killed training. The caller removes it at the end.
        log_dir: The folder for TensorBoard's event files, `history.csv` with one line per round,
            and the number of rounds that were kept.

    Returns:
        The trees up to the best round.

    Raises:
        ValueError: All rows of `train` or of `evaluation` are of one class.
    """
    rules = _RULES[objective]
    if rules.two_classes:
        _require_both_classes(train, "train")
        _require_both_classes(evaluation, "eval")
    checkpoint = resume / "booster.ubj"
    booster = xgb.Booster(
        {**settings, "objective": objective, "eval_metric": list(rules.metrics)},
        [train, evaluation],
        checkpoint if checkpoint.exists() else None,
    )
    history: list[_Round] = json.loads(booster.attr("history") or "[]")
    if history:
        progress.info("resuming after round %d", len(history))
        # With the same seed, the random draws of the first rounds would repeat.
        booster.set_param({"seed": settings["seed"] + len(history)})
    # If several workers train together, the first one writes the records.
    records = (
        _Records(booster, history, checkpoint, log_dir) if xgb.collective.get_rank() == 0 else None
    )
    reported = time.monotonic()
    while len(history) < rounds and not (patience and len(history) - _best(history) >= patience):
        began = time.monotonic()
        booster.update(train, len(history))
        text = booster.eval_set([(train, "train"), (evaluation, "eval")])
        history.append(_parse(text, rules) | {"seconds": time.monotonic() - began})
        if records:
            records.keep()
        if time.monotonic() - reported >= _PROGRESS_SECONDS:
            progress.info("round %d/%d on eval: %s", len(history), rounds, _on_eval(history[-1]))
            reported = time.monotonic()
    kept = _best(history) if patience else len(history)
    if records:
        records.close()
        write_choice(log_dir, kept=kept, most=rounds)
    progress.info(
        "%d of %d rounds kept, on eval: %s", kept, len(history), _on_eval(history[kept - 1])
    )
    booster.set_attr(history=None)
    return booster[:kept]


def grow(
    rows: xgb.QuantileDMatrix,
    settings: Mapping[str, Any],
    rounds: int,
    *,
    objective: Objective = "binary:logistic",
) -> xgb.Booster:
    """Grows trees for the number of rounds that `boost` found best.

    Args:
        rows: The rows to learn from, including those that `boost` did not train on.
        settings: XGBoost's parameters, as for `boost`.
        rounds: The number of rounds.
        objective: The objective, as for `boost`.
    """
    return xgb.train({**settings, "objective": objective}, rows, rounds)


def _require_both_classes(rows: xgb.DMatrix, split: str) -> None:
    labels = rows.get_label()
    # If several workers train together, these are the rows of all of them.
    total, positive = xgb.collective.allreduce(
        np.array([len(labels), labels.sum()], np.float64), xgb.collective.Op.SUM
    )
    if positive in (0, total):
        raise ValueError(
            f"All {total:,.0f} rows of split '{split}' are of one class. "
            "Add data so that train and eval have rows of both classes."
        )


def _parse(text: str, rules: _Rules) -> _Round:
    """Parses XGBoost's report: the round and metrics such as `eval-auc:0.7`, separated by tabs."""
    splits: dict[str, dict[str, float]] = {split: {} for split in _PREFIXES}
    for part in text.split("\t")[1:]:
        name, value = part.split(":")
        split, metric = name.split("-")
        splits[split][metric] = float(value)
    return {
        prefix + name: value
        for split, prefix in _PREFIXES.items()
        for name, value in rules.rename(**splits[split]).items()
    }


def _best(history: Sequence[_Round]) -> int:
    """Returns the number of rounds up to the best one."""
    losses = [metrics["val_loss"] for metrics in history]
    return losses.index(min(losses)) + 1 if losses else 0


def _on_eval(metrics: _Round) -> str:
    return ", ".join(
        f"{name.removeprefix('val_')} {value:.4f}"
        for name, value in metrics.items()
        if name.startswith("val_")
    )


class _Records:
    """Writes the training curves, the checkpoints, and, at the end, the history."""

    def __init__(
        self, booster: xgb.Booster, history: list[_Round], checkpoint: Path, log_dir: Path
    ):
        self._booster, self._history, self._checkpoint = booster, history, checkpoint
        self._log_dir, self._curves = log_dir, Curves(log_dir)
        for round_, metrics in enumerate(history):
            self._curves.add(round_, metrics)
        self._saved = time.monotonic()

    def keep(self) -> None:
        """Records the round that has just ended, and saves a checkpoint from time to time."""
        self._curves.add(len(self._history) - 1, self._history[-1])
        if time.monotonic() - self._saved >= CHECKPOINT_SECONDS:
            self._save()

    def close(self) -> None:
        """Saves the last checkpoint and writes the history."""
        self._save()
        write_history(self._log_dir, self._history)

    def _save(self) -> None:
        # The history is stored in the booster, so that a checkpoint is either complete or absent.
        self._booster.set_attr(history=json.dumps(self._history))
        self._checkpoint.parent.mkdir(parents=True, exist_ok=True)
        partial = self._checkpoint.with_name(f"partial-{self._checkpoint.name}")
        self._booster.save_model(partial)
        partial.replace(self._checkpoint)
        self._saved = time.monotonic()
