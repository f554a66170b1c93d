"""Trains on several machines that each hold a part of the rows.

Every worker runs this command with a rank of its own; rank 0 also runs XGBoost's tracker, through
which the workers find each other. They exchange histograms of gradients, never rows, and so grow
their trees on all rows. Rank 0 writes the model, with the signatures of `training`.

The variables are those that Kubeflow Trainer's XGBoost runtime, or an indexed Job, sets. See
docs/trees.md for how it is launched.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from xgboost import collective
from xgboost.tracker import RabitTracker

from schemas.reader import domain, read_schema
from trainer_modules.higgs import features as f
from trainer_modules.higgs.parameters import HiggsParameters
from trainer_modules.higgs.training import export, xgboost_settings
from trainer_modules.shared.boosting import binned, boost
from trainer_modules.shared.tables import Share, table_batches


def train(
    examples: Annotated[Path, typer.Argument(help="An Examples artifact, seen by all workers.")],
    output: Annotated[Path, typer.Argument(help="Folder of results, seen by all workers.")],
    rank: Annotated[
        int,
        typer.Option(
            min=0, envvar=["DMLC_TASK_ID", "JOB_COMPLETION_INDEX"], help="Which worker, from 0."
        ),
    ],
    workers: Annotated[
        int, typer.Option(min=1, envvar="DMLC_NUM_WORKER", help="How many there are.")
    ],
    host: Annotated[
        str, typer.Option(envvar="DMLC_TRACKER_URI", help="Address of rank 0.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=1, max=65535, envvar="DMLC_TRACKER_PORT", help="The tracker's.")
    ] = 9091,
    parameters: Annotated[str, typer.Option(help="Hyper-parameters as JSON.")] = "{}",
    seed: int = 0,
) -> None:
    """Trains with the other workers; resumes what was killed when all are started again."""
    schema = read_schema(Path(str(files("schemas") / "higgs.pbtxt")))
    share = Share(rank, workers)
    tracker = None
    if rank == 0:
        tracker = RabitTracker(workers, host, port, sortby="task")
        tracker.start()
    with collective.CommunicatorContext(
        dmlc_tracker_uri=host,
        dmlc_tracker_port=port,
        dmlc_task_id=f"{rank:06d}",  # XGBoost ranks workers by it, as text
    ):
        train_rows, eval_rows = (
            table_batches(
                [str(examples / f"Split-{split}" / "*")],
                f.FEATURES,
                f.LABEL,
                domain(schema, f.LABEL)[1],
                share=share,
            )
            for split in ("train", "eval")
        )
        count = sum(len(labels) for _, labels in train_rows.as_numpy_iterator())
        (whole,) = collective.allreduce(np.array([count]), collective.Op.SUM)
        chosen = HiggsParameters(**json.loads(parameters)).for_rows(int(whole))
        settings = xgboost_settings(chosen, seed, count)
        matrix = binned(train_rows, f.FEATURES, settings)
        booster = boost(
            matrix,
            binned(eval_rows, f.FEATURES, settings, like=matrix),
            settings,
            rounds=chosen.trees,
            patience=chosen.patience,
            resume=output / "resume",
            log_dir=output / "logs",
        )
        if rank == 0:
            booster.save_model(output / "logs" / "booster.ubj")
            export(booster, schema, str(output / "model"))
    if tracker:
        tracker.wait_for()


if __name__ == "__main__":
    typer.run(train)
