"""Trainer's user code for California Housing."""

from __future__ import annotations

from typing import Any

import numpy as np

from trainer_modules.california_housing import features as f
from trainer_modules.california_housing.model import build_model
from trainer_modules.california_housing.parameters import CaliforniaHousingParameters
from trainer_modules.california_housing.slicing import slices
from trainer_modules.shared.boosted_trees import train_and_export
from trainer_modules.shared.export import regression
from trainer_modules.shared.preprocessing import TABLE
from trainer_modules.shared.training_run import TrainingRun

Run = TrainingRun[CaliforniaHousingParameters]


def run_fn(fn_args: Any) -> None:
    """Trains and exports; called by TFX's Trainer.

    Args:
        fn_args: TFX's `FnArgs`; see `TrainingRun.from_fn_args`.
    """
    run = TrainingRun.from_fn_args(fn_args, CaliforniaHousingParameters, f.LABEL)
    if run.parameters.model_type == "boosted_trees":
        train_and_export(run, slices)
    else:
        _train_network(run)


def _train_network(run: Run) -> None:
    parameters = run.parameters
    train, evaluation = (
        run.batches(
            split, parameters.batch_size, shuffle=split == "train", select=lambda row: row[TABLE]
        )
        for split in ("train", "eval")
    )
    table, labels = (
        np.concatenate(parts) for parts in zip(*train.as_numpy_iterator(), strict=True)
    )
    model = build_model(parameters, table, labels, len(train) * parameters.epochs)
    run.fit(model, train, evaluation, monitor="val_loss")
    run.export(
        regression(lambda features: model(features[TABLE], training=False)[:, 0]),
        track=[model],
        signatures={"csv": run.csv_signature()},
        slices=slices,
    )
