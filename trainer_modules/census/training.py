"""Trainer's user code for census."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from schemas.reader import domain
from trainer_modules.census import features as f
from trainer_modules.census import wide_weights
from trainer_modules.census.model import build_model
from trainer_modules.census.parameters import CensusParameters
from trainer_modules.shared.export import classification
from trainer_modules.shared.insights import write_insight
from trainer_modules.shared.training_run import TrainingRun


def run_fn(fn_args: Any) -> None:
    """Trains and exports; called by TFX's Trainer.

    Args:
        fn_args: TFX's `FnArgs`; see `TrainingRun.from_fn_args`.
    """
    run = TrainingRun.from_fn_args(fn_args, CensusParameters, f.LABEL)
    parameters = run.parameters
    train = run.batches("train", parameters.batch_size, shuffle=True)
    # One id more than there are values in the domain: 0 stands for missing or unknown.
    sizes = {name: len(domain(run.schema, name)) + 1 for name in f.CATEGORICAL}
    sizes[f.AGE_BUCKET] = len(f.AGE_BOUNDARIES) + 1
    model = build_model(parameters, sizes, len(train) * parameters.epochs)
    run.fit(model, train, run.batches("eval", parameters.batch_size), monitor="val_log_loss")
    if parameters.model_type != "deep":
        write_insight(run.log_dir, "wide-heaviest", wide_weights.heaviest(model, run.schema))
        write_insight(run.log_dir, "wide-histogram", wide_weights.histogram(model))

    def scores(features: dict[str, tf.Tensor]) -> tf.Tensor:
        probability = tf.sigmoid(model(features, training=False))
        return tf.concat([1 - probability, probability], axis=1)

    run.export(
        classification(scores, run.classes),
        track=[model],
        signatures={"csv": run.csv_signature()},
    )
