"""Growing boosted trees with XGBoost so that it can be watched, killed and resumed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import xgboost as xgb

from trainer_modules.shared.history import Curves, write_choice, write_history
from trainer_modules.shared.training import progress

CHECKPOINT_SECONDS = 30.0
"""How much work a kill may cost; writing the trees takes a hundredth of it."""

ROWS_PER_THREAD = 10_000
"""With fewer, threads wait for each other longer than they work, on a busy machine many times as
long: 30 rounds on 7,000 rows took one thread 0.9 s there, two 3.7 to 12 s; when idle, the same."""

_PROGRESS_SECONDS = 2.0

_METRICS = {"auc": "auc", "logloss": "loss"}
_PREFIXES = {"train": "", "eval": "val_"}
"""What XGBoost and histories, which name figures as Keras does, call the same."""

_OBJECTIVE = {"objective": "binary:logistic"}

_Figures = dict[str, float]
"""After a round: auc, loss, val_auc, val_loss, seconds."""


class _Batches(xgb.DataIter):
    """Hands batches to XGBoost, which asks for all of them several times."""

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
    """Returns XGBoost's `nthread` for so many rows: 0 where it may use all processors."""
    worthwhile = max(1, rows // ROWS_PER_THREAD)
    return worthwhile if worthwhile < len(os.sched_getaffinity(0)) else 0


def binned(
    batches: tf.data.Dataset,
    features: Sequence[str],
    settings: Mapping[str, Any],
    like: xgb.QuantileDMatrix | None = None,
) -> xgb.QuantileDMatrix:
    """Bins a table, holding no more of it than its bins and a batch.

    Args:
        batches: From `table_batches`; read several times.
        features: Names of the columns.
        settings: XGBoost's parameters. With `max_bin` up to 256, a binned value takes a byte.
        like: Whose bins to use; None cuts at quantiles.
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
    rounds: int,
    patience: int,
    resume: Path,
    log_dir: Path,
) -> xgb.Booster:
    """Grows trees for labels of 0 and 1.

    The same rows, settings and number of threads give the same trees. A training that is resumed
    keeps what it has and goes on with other random numbers: XGBoost does not save their state.

    Args:
        train: Rows to learn from.
        evaluation: Rows that decide on the number of rounds.
        settings: XGBoost's parameters, those that the rows were binned with.
        rounds: Most rounds.
        patience: Rounds without a lower log loss on `evaluation` before stopping; 0 does all
            rounds and keeps their trees.
        resume: Keeps the state of a killed training. The caller removes it when it needs no more.
        log_dir: Gets TensorBoard event files, `history.csv`, one line per round, and how many of
            them were kept.

    Returns:
        The trees up to the best round.

    Raises:
        ValueError: The rows to learn or to decide from are all of one class.
    """
    _require_both_classes(train, "train")
    _require_both_classes(evaluation, "eval")
    checkpoint = resume / "booster.ubj"
    booster = xgb.Booster(
        {**settings, **_OBJECTIVE, "eval_metric": list(_METRICS)},
        [train, evaluation],
        checkpoint if checkpoint.exists() else None,
    )
    history: list[_Figures] = json.loads(booster.attr("history") or "[]")
    if history:
        progress.info("resuming after round %d", len(history))
        # Else the draws of the first rounds would come again.
        booster.set_param({"seed": settings["seed"] + len(history)})
    # Where several workers train together, the first one keeps the records.
    records = (
        _Records(booster, history, checkpoint, log_dir) if xgb.collective.get_rank() == 0 else None
    )
    said = time.monotonic()
    while len(history) < rounds and not (patience and len(history) - _best(history) >= patience):
        began = time.monotonic()
        booster.update(train, len(history))
        text = booster.eval_set([(train, "train"), (evaluation, "eval")])
        history.append(_parse(text) | {"seconds": time.monotonic() - began})
        if records:
            records.keep()
        if time.monotonic() - said >= _PROGRESS_SECONDS:
            progress.info("round %d/%d on eval: %s", len(history), rounds, _on_eval(history[-1]))
            said = time.monotonic()
    kept = _best(history) if patience else len(history)
    if records:
        records.close()
        write_choice(log_dir, kept=kept, most=rounds)
    progress.info(
        "%d of %d rounds kept, on eval: %s", kept, len(history), _on_eval(history[kept - 1])
    )
    booster.set_attr(history=None)
    return booster[:kept]


def grow(rows: xgb.QuantileDMatrix, settings: Mapping[str, Any], rounds: int) -> xgb.Booster:
    """Grows as many trees as `boost` found best.

    Args:
        rows: More to learn from than `boost` had.
        settings: As for `boost`.
        rounds: How many.
    """
    return xgb.train({**settings, **_OBJECTIVE}, rows, rounds)


def _require_both_classes(rows: xgb.DMatrix, split: str) -> None:
    labels = rows.get_label()
    # Where several workers train together, the rows of all of them.
    total, positive = xgb.collective.allreduce(
        np.array([len(labels), labels.sum()], np.float64), xgb.collective.Op.SUM
    )
    if positive in (0, total):
        raise ValueError(
            f"all {total:.0f} rows of split '{split}' are of one class, where train and eval need "
            "rows of both; give more data."
        )


def _parse(text: str) -> _Figures:
    """Reads XGBoost's report: round, then figures such as `eval-auc:0.7`, between tabs."""
    figures = {}
    for part in text.split("\t")[1:]:
        name, value = part.split(":")
        split, metric = name.split("-")
        figures[_PREFIXES[split] + _METRICS[metric]] = float(value)
    return figures


def _best(history: Sequence[_Figures]) -> int:
    """Returns the number of rounds up to the best one."""
    losses = [figures["val_loss"] for figures in history]
    return losses.index(min(losses)) + 1 if losses else 0


def _on_eval(figures: _Figures) -> str:
    return ", ".join(f"{name} {figures[f'val_{name}']:.4f}" for name in _METRICS.values())


class _Records:
    """Curves while the trees grow, checkpoints, and the history at the end."""

    def __init__(
        self, booster: xgb.Booster, history: list[_Figures], checkpoint: Path, log_dir: Path
    ):
        self._booster, self._history, self._checkpoint = booster, history, checkpoint
        self._log_dir, self._curves = log_dir, Curves(log_dir)
        for round_, figures in enumerate(history):
            self._curves.add(round_, figures)
        self._saved = time.monotonic()

    def keep(self) -> None:
        """Called after each round."""
        self._curves.add(len(self._history) - 1, self._history[-1])
        if time.monotonic() - self._saved >= CHECKPOINT_SECONDS:
            self._save()

    def close(self) -> None:
        """Called after the last round."""
        self._save()
        write_history(self._log_dir, self._history)

    def _save(self) -> None:
        # The history is part of the booster, so that a checkpoint is whole or not there.
        self._booster.set_attr(history=json.dumps(self._history))
        self._checkpoint.parent.mkdir(parents=True, exist_ok=True)
        partial = self._checkpoint.with_name(f"partial-{self._checkpoint.name}")
        self._booster.save_model(partial)
        partial.replace(self._checkpoint)
        self._saved = time.monotonic()
