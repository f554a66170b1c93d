"""Trains and exports boosted trees for any tutorial with numeric features."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import xgboost as xgb

from trainer_modules.shared import importance
from trainer_modules.shared.boosting import binned, boost, grow, threads
from trainer_modules.shared.export import Features, Outputs, classification, regression
from trainer_modules.shared.forest import Forest
from trainer_modules.shared.history import write_choice
from trainer_modules.shared.insights import write_insight
from trainer_modules.shared.preprocessing import TABLE
from trainer_modules.shared.training import own_folder, progress
from trainer_modules.shared.training_run import TrainingRun
from trainer_modules.shared.tree_parameters import Objective, TreeParameters

PERMUTED_ROWS = 5_000
"""The number of eval rows for permutation importance, which scores each row three times per
feature."""


_OUTPUTS: dict[Objective, Callable[[Forest, TrainingRun[Any]], Outputs]] = {
    "binary:logistic": lambda forest, run: classification(
        lambda features: forest.probabilities(features[TABLE]), run.classes
    ),
    "reg:squarederror": lambda forest, run: regression(
        lambda features: forest.margins(features[TABLE])
    ),
}


def train_and_export(
    run: TrainingRun[Any], slices: Callable[[Features], dict[str, tf.Tensor]] | None = None
) -> None:
    """Trains boosted trees and writes them as a SavedModel with the signature `csv`.

    Args:
        run: The training; `parameters` are `TreeParameters`, and `transform` returns `TABLE`.
        slices: See `export_model`.

    Raises:
        ValueError: All rows of train or of eval are of one class.
    """
    run = replace(run, resume=own_folder(run.resume))
    export(train(run), run, slices)
    shutil.rmtree(run.resume)


def train(run: TrainingRun[Any]) -> xgb.Booster:
    """Trains with early stopping, then again on train and eval if `refit` is set.

    Args:
        run: As for `train_and_export`.
    """
    cache = run.resume / "tables"
    shutil.rmtree(cache, ignore_errors=True)  # A killed training may have left a part of it.
    cache.mkdir(parents=True)
    train_rows, eval_rows = (run.table(split, cache / split) for split in ("train", "eval"))

    progress.info("reading Examples")
    count = sum(len(labels) for _, labels in train_rows.as_numpy_iterator())
    parameters = run.parameters.for_rows(count)
    settings = xgboost_settings(parameters, run.seed, count)
    matrix = binned(train_rows, parameters.features, settings)
    evaluation = binned(eval_rows, parameters.features, settings, like=matrix)
    booster = boost(
        matrix,
        evaluation,
        settings,
        objective=parameters.objective,
        rounds=parameters.trees,
        patience=parameters.patience,
        resume=run.resume,
        log_dir=run.log_dir,
    )
    # Before the refit: importance is measured on rows that the trees have not seen.
    _write_importance(booster, eval_rows, evaluation.num_row(), run.seed, run.log_dir)
    if parameters.refit:
        rounds = booster.num_boosted_rounds()
        progress.info("training %d rounds again, on train and eval", rounds)
        both = binned(train_rows.concatenate(eval_rows), parameters.features, settings)
        booster = grow(both, settings, rounds, objective=parameters.objective)
        write_choice(run.log_dir, kept=rounds, most=parameters.trees, again=True)
    return booster


def export(
    booster: xgb.Booster,
    run: TrainingRun[Any],
    slices: Callable[[Features], dict[str, tf.Tensor]] | None = None,
) -> None:
    """Writes the trees for XGBoost, as `booster.ubj` in the log folder, and as a SavedModel.

    Args:
        booster: The trees.
        run: As for `train_and_export`.
        slices: As for `train_and_export`.
    """
    booster.save_model(run.log_dir / "booster.ubj")
    forest = Forest(booster.save_raw("json"))
    run.export(
        _OUTPUTS[run.parameters.objective](forest, run),
        track=[forest],
        signatures={"csv": run.csv_signature()},
        slices=slices,
    )


def xgboost_settings(parameters: TreeParameters, seed: int, rows: int) -> dict[str, Any]:
    """Returns the hyper-parameters by XGBoost's names.

    Args:
        parameters: The result of `TreeParameters.for_rows`.
        seed: The random seed.
        rows: The number of rows that this process trains on.
    """
    return {
        "nthread": threads(rows),
        "seed": seed,
        "max_depth": parameters.depth,
        "max_leaves": parameters.max_leaves,
        "grow_policy": "lossguide" if parameters.max_leaves else "depthwise",
        "num_parallel_tree": parameters.parallel_trees,
        "learning_rate": parameters.learning_rate,
        "subsample": parameters.row_fraction,
        "colsample_bynode": parameters.feature_fraction,
        "reg_lambda": parameters.l2,
        "min_child_weight": parameters.min_child_weight,
        "max_bin": parameters.max_bins,
        "monotone_constraints": parameters.monotone,
    }


def _write_importance(
    booster: xgb.Booster, rows: tf.data.Dataset, count: int, seed: int, log_dir: Path
) -> None:
    write_insight(log_dir, "importance-gain", importance.gain(booster))
    # Every n-th row, since the first ones may be all of one class.
    step = -(-count // PERMUTED_ROWS)
    parts = [(table[::step], labels[::step]) for table, labels in rows.as_numpy_iterator()]
    table, labels = map(np.concatenate, zip(*parts, strict=True))
    if np.ptp(labels):
        write_insight(
            log_dir,
            "importance-permutation",
            importance.permutation(booster, table, labels, seed=seed),
        )
