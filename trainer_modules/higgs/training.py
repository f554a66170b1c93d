"""Trainer's user code for HIGGS."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import xgboost as xgb
from tensorflow_metadata.proto.v0 import schema_pb2

from schemas.reader import domain, read_schema
from trainer_modules.higgs import features as f
from trainer_modules.higgs.parameters import HiggsParameters
from trainer_modules.shared import importance
from trainer_modules.shared.boosting import binned, boost, grow, threads
from trainer_modules.shared.export import csv_signature, export_classifier
from trainer_modules.shared.forest import Forest
from trainer_modules.shared.history import write_choice
from trainer_modules.shared.insights import write_insight
from trainer_modules.shared.preprocessing import dense
from trainer_modules.shared.tables import table_batches
from trainer_modules.shared.training import progress, resume_folder

PERMUTED_ROWS = 5_000
"""Rows of eval that permutation importance is measured on: it scores each of them 84 times."""


def run_fn(fn_args: Any) -> None:
    """Trains and exports; called by TFX's Trainer.

    Args:
        fn_args: TFX's `FnArgs` without a Transform. `custom_config` holds `parameters` (fields of
            `HiggsParameters`), `seed`, `checkpoints` (folder of resumable state) and `source`
            (`Source.options`).

    Raises:
        ValueError: The rows of train or eval are all of one class.
    """
    config = fn_args.custom_config
    schema = read_schema(fn_args.schema_path)
    resume, log_dir = resume_folder(fn_args), Path(fn_args.model_run_dir)
    cache = resume / "tables"
    shutil.rmtree(cache, ignore_errors=True)  # of a killed training, and perhaps half written
    cache.mkdir(parents=True)
    positive = domain(schema, f.LABEL)[1]
    train_rows = table_batches(fn_args.train_files, f.FEATURES, f.LABEL, positive, cache / "train")
    eval_rows = table_batches(fn_args.eval_files, f.FEATURES, f.LABEL, positive, cache / "eval")

    progress.info("reading Examples")
    count = sum(len(labels) for _, labels in train_rows.as_numpy_iterator())
    parameters = HiggsParameters(**config["parameters"]).for_rows(count)
    settings = xgboost_settings(parameters, config["seed"], count)
    train = binned(train_rows, f.FEATURES, settings)
    evaluation = binned(eval_rows, f.FEATURES, settings, like=train)
    booster = boost(
        train,
        evaluation,
        settings,
        rounds=parameters.trees,
        patience=parameters.patience,
        resume=resume,
        log_dir=log_dir,
    )
    # Before the trees have seen eval.
    _write_importance(booster, eval_rows, evaluation.num_row(), config["seed"], log_dir)
    if parameters.refit:
        rounds = booster.num_boosted_rounds()
        progress.info("growing %d rounds again, on train and eval", rounds)
        both = binned(train_rows.concatenate(eval_rows), f.FEATURES, settings)
        booster = grow(both, settings, rounds)
        write_choice(log_dir, kept=rounds, most=parameters.trees, again=True)
    booster.save_model(log_dir / "booster.ubj")
    export(booster, schema, fn_args.serving_model_dir)
    shutil.rmtree(resume)


def xgboost_settings(parameters: HiggsParameters, seed: int, rows: int) -> dict[str, Any]:
    """Puts hyper-parameters, all of them set, in XGBoost's terms.

    Args:
        parameters: From `HiggsParameters.for_rows`.
        seed: Of everything that is drawn.
        rows: How many this process trains on.
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


def export(booster: xgb.Booster, schema: schema_pb2.Schema, path: str) -> None:
    """Writes trees as a SavedModel.

    Args:
        booster: The trees.
        schema: Of the raw Examples.
        path: Folder to write.
    """
    forest = Forest(booster.save_raw("json"))

    def scores(features: dict[str, Any]) -> tf.Tensor:
        columns = [dense(features[name], float("nan")) for name in f.FEATURES]
        return forest.probabilities(tf.concat(columns, axis=1))

    export_classifier(
        path,
        track=[forest],
        scores=scores,
        schema=schema,
        label=f.LABEL,
        signatures={"csv": csv_signature(scores, schema)},
        slices=slices,
    )


def slices(features: dict[str, Any]) -> dict[str, tf.Tensor]:
    """Derives what the Evaluator slices by.

    Args:
        features: Raw features by name.

    Returns:
        `m_bb_quartile` and `b_tagged_jets`, each string [n, 1].
    """
    quartiles = tf.searchsorted(
        tf.constant(f.M_BB_QUARTILES), dense(features[f.M_BB], float("nan"))[:, 0], side="right"
    )
    tagged = [tf.cast(dense(features[name], 0.0) > 0, tf.int32) for name in f.B_TAGS]
    return {
        f.M_BB_QUARTILE: tf.gather(f.M_BB_NAMES, quartiles)[:, tf.newaxis],
        f.B_TAGGED_JETS: tf.strings.as_string(tf.add_n(tagged)),
    }


def _write_importance(
    booster: xgb.Booster, rows: tf.data.Dataset, count: int, seed: int, log_dir: Path
) -> None:
    write_insight(log_dir, "importance-gain", importance.gain(booster))
    # Every so many rows, since the first ones may be all of one class.
    step = -(-count // PERMUTED_ROWS)
    parts = [(table[::step], labels[::step]) for table, labels in rows.as_numpy_iterator()]
    table, labels = map(np.concatenate, zip(*parts, strict=True))
    if np.ptp(labels):
        write_insight(
            log_dir,
            "importance-permutation",
            importance.permutation(booster, table, labels, seed=seed),
        )
