"""Trainer's user code for census."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
import tensorflow_transform as tft

from schemas.reader import domain, read_schema
from trainer_modules.census import features as f
from trainer_modules.census import wide_weights
from trainer_modules.census.model import build_model
from trainer_modules.census.parameters import CensusParameters
from trainer_modules.shared.datasets import raw_batches
from trainer_modules.shared.export import csv_signature, export_classifier
from trainer_modules.shared.insights import write_insight
from trainer_modules.shared.training import fit, resume_folder
from trainer_modules.shared.transform import TransformGraph


def run_fn(fn_args: Any) -> None:
    """Trains and exports; called by TFX's Trainer.

    Args:
        fn_args: TFX's `FnArgs`. `custom_config` holds `parameters` (fields of `CensusParameters`),
            `seed`, `checkpoints` (folder of resumable state) and `source` (`Source.options`).
    """
    config = fn_args.custom_config
    parameters = CensusParameters(**config["parameters"])
    keras.utils.set_random_seed(config["seed"])
    schema = read_schema(fn_args.schema_path)
    transform = TransformGraph(tft.TFTransformOutput(fn_args.transform_output))

    def batches(files: list[str], seed: int | None = None) -> tf.data.Dataset:
        return raw_batches(files, schema, f.LABEL, transform, parameters.batch_size, seed)

    train = batches(fn_args.train_files, config["seed"])
    # One id more than the domain has values: 0 stands for missing or unknown.
    sizes = {name: len(domain(schema, name)) + 1 for name in f.CATEGORICAL}
    sizes[f.AGE_BUCKET] = len(f.AGE_BOUNDARIES) + 1
    model = build_model(parameters, sizes, len(train) * parameters.epochs)
    fit(
        model,
        train,
        batches(fn_args.eval_files),
        epochs=parameters.epochs,
        patience=parameters.patience,
        monitor="val_log_loss",
        mode="min",
        resume=resume_folder(fn_args),
        log_dir=Path(fn_args.model_run_dir),
    )
    if parameters.model_type != "deep":
        log_dir = Path(fn_args.model_run_dir)
        write_insight(log_dir, "wide-heaviest", wide_weights.heaviest(model, schema))
        write_insight(log_dir, "wide-histogram", wide_weights.histogram(model))

    def scores(features: dict[str, Any]) -> tf.Tensor:
        probability = tf.sigmoid(model(transform(features), training=False))
        return tf.concat([1 - probability, probability], axis=1)

    export_classifier(
        fn_args.serving_model_dir,
        track=[model, transform],
        scores=scores,
        schema=schema,
        label=f.LABEL,
        signatures={"csv": csv_signature(scores, schema, config["source"]["csv"]["null_values"])},
    )
