"""Compares the throughput of the exported forest with XGBoost's own prediction.

Each number is the median of several calls with a batch of random rows. The exported model is called
with tensors, as TF Serving calls it. Neither side parses Examples. Processor seconds are printed,
too, because both sides use all processors.

Example:
    python -m benchmarks.forest_throughput runs/pipelines/higgs/Trainer/model_run/6/booster.ubj
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tensorflow as tf
import typer
import xgboost as xgb
from rich.console import Console
from rich.table import Table

from trainer_modules.shared.forest import Forest

BATCHES = (1, 256, 4096)


def measure(score: Callable[[Any], Any], table: Any, seconds: float) -> tuple[float, float]:
    """Returns rows per second and rows per processor second."""
    score(table)  # the first call traces, allocates, and starts threads
    calls: list[tuple[float, float]] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(calls) < 3:
        wall, cpu = time.perf_counter(), time.process_time()
        score(table)
        calls.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = (statistics.median(times) for times in zip(*calls, strict=True))
    return len(table) / wall, len(table) / cpu


def main(
    booster: Annotated[Path, typer.Argument(help="The booster.ubj of a Trainer's model_run.")],
    seconds: Annotated[float, typer.Option(help="The seconds to measure each number.")] = 5.0,
) -> None:
    """Prints rows per second at each batch size, and the size of the model."""
    trees = xgb.Booster(model_file=booster)
    forest = Forest(trees.save_raw("json"))
    spec = tf.TensorSpec([None, forest.features], tf.float32)
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        signature = tf.function(forest.probabilities, input_signature=[spec])
        tf.saved_model.save(forest, folder, signatures=signature)
        size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
        begin = time.perf_counter()
        loaded = tf.saved_model.load(folder)
        load_seconds = time.perf_counter() - begin
        served = loaded.signatures["serving_default"]

        table = Table("batch", "exported rows/s", "per CPU s", "XGBoost rows/s", "per CPU s")
        for batch in BATCHES:
            rows = random.normal(1, 0.5, (batch, forest.features)).astype(np.float32)
            tensor = tf.constant(rows)
            ours = measure(lambda given: served(given)["output_0"].numpy(), tensor, seconds)
            theirs = measure(trees.inplace_predict, rows, seconds)
            table.add_row(str(batch), *(f"{rate:,.0f}" for rate in (*ours, *theirs)))
    console = Console()
    count = len(trees.get_dump())
    console.print(f"{count} trees: {size / 1e6:.1f} MB, loaded in {load_seconds:.2f} s")
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
