"""Trains boosted trees on several machines, each with a part of the rows.

Every worker runs this command with its own rank; rank 0 also runs XGBoost's tracker, through which
the workers find each other. They exchange histograms of gradients, never rows, and so train their
trees on all rows. Rank 0 writes the model, with the signatures of `training`.

Kubeflow Trainer's XGBoost runtime, or an indexed Job, sets the environment variables. See
docs/trees.md for how to start it.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import numpy as np
import tensorflow_transform as tft
import typer
from xgboost import collective
from xgboost.tracker import RabitTracker

from schemas.reader import read_schema
from trainer_modules.higgs import features as f
from trainer_modules.higgs.parameters import HiggsParameters
from trainer_modules.higgs.training import slices
from trainer_modules.shared.boosted_trees import export, xgboost_settings
from trainer_modules.shared.boosting import binned, boost
from trainer_modules.shared.tables import Share
from trainer_modules.shared.training_run import TrainingRun
from trainer_modules.shared.transform import TransformGraph


def train(
    examples: Annotated[Path, typer.Argument(help="An Examples artifact on a shared disk.")],
    transform_graph: Annotated[
        Path, typer.Argument(help="The transform_graph artifact of the same preset.")
    ],
    output: Annotated[Path, typer.Argument(help="The folder of results, on a shared disk.")],
    rank: Annotated[
        int,
        typer.Option(
            min=0,
            envvar=["DMLC_TASK_ID", "JOB_COMPLETION_INDEX"],
            help="The worker, from 0.",
        ),
    ],
    workers: Annotated[
        int, typer.Option(min=1, envvar="DMLC_NUM_WORKER", help="The number of workers.")
    ],
    host: Annotated[
        str, typer.Option(envvar="DMLC_TRACKER_URI", help="The address of rank 0.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(min=1, max=65535, envvar="DMLC_TRACKER_PORT", help="The tracker's port."),
    ] = 9091,
    parameters: Annotated[str, typer.Option(help="The hyper-parameters as JSON.")] = "{}",
    seed: int = 0,
) -> None:
    """Trains together with the other workers. Resumes if all were killed and start again."""
    share = Share(rank, workers)
    tracker = None
    if rank == 0:
        tracker = RabitTracker(workers, host, port, sortby="task")
        tracker.start()
    run = TrainingRun(
        parameters=HiggsParameters(**json.loads(parameters)),
        seed=seed,
        files={
            "train": [str(examples / "Split-train" / "*")],
            "eval": [str(examples / "Split-eval" / "*")],
        },
        schema=read_schema(Path(str(files("schemas") / "higgs.pbtxt"))),
        label=f.LABEL,
        transform=TransformGraph(tft.TFTransformOutput(str(transform_graph))),
        source={},
        model_folder=str(output / "model"),
        log_dir=output / "logs",
        resume=output / "resume",
    )
    with collective.CommunicatorContext(
        dmlc_tracker_uri=host,
        dmlc_tracker_port=port,
        dmlc_task_id=f"{rank:06d}",  # XGBoost ranks workers by this text
    ):
        train_rows, eval_rows = (run.table(split, share=share) for split in ("train", "eval"))
        count = sum(len(labels) for _, labels in train_rows.as_numpy_iterator())
        (whole,) = collective.allreduce(np.array([count]), collective.Op.SUM)
        chosen = run.parameters.for_rows(int(whole))
        settings = xgboost_settings(chosen, seed, count)
        matrix = binned(train_rows, f.FEATURES, settings)
        booster = boost(
            matrix,
            binned(eval_rows, f.FEATURES, settings, like=matrix),
            settings,
            rounds=chosen.trees,
            patience=chosen.patience,
            resume=run.resume,
            log_dir=run.log_dir,
        )
        if rank == 0:
            export(booster, run, slices)
    if tracker:
        tracker.wait_for()


if __name__ == "__main__":
    typer.run(train)
