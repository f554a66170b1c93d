r"""Compares libraries of boosted trees on HIGGS: quality, seconds, and memory.

Two of the three are not in the project's lock, so this needs its own environment:

    python3 -m venv trees
    trees/bin/pip install lightgbm ydf xgboost-cpu scikit-learn pyarrow typer
    trees/bin/python benchmarks/tree_libraries.py compare HIGGS.csv.gz --rows 8787 --folds 5
    trees/bin/python benchmarks/tree_libraries.py compare SAMPLE.csv.gz --rows 200000 \
        --test-rows 100000 --equal-only
    trees/bin/python benchmarks/tree_libraries.py compare SAMPLE.csv.gz --rows 900000 \
        --test-rows 100000 --equal-only

Each measurement runs in its own process. Seconds are processor seconds, which hardly depend on
other load. `equal` is 100 trees of depth 6 (LightGBM: 63 leaves) with a learning rate of 0.1 and
the library's own defaults otherwise. `best` is the best of three settings, the same for all
libraries, with early stopping on a tenth of the rows. Memory is the peak beyond that of the process
with libraries and table loaded.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

TREES, STOP_AFTER = 2000, 50
GRID = (
    {"rate": 0.1, "depth": 6, "rows": 1.0, "features": 1.0},
    {"rate": 0.05, "depth": 6, "rows": 0.8, "features": 0.5},
    {"rate": 0.03, "depth": 7, "rows": 0.8, "features": 0.5},
)

app = typer.Typer()


def lightgbm(train: Any, valid: Any, setting: dict[str, Any], threads: int) -> Any:
    """Returns a function that scores a table."""
    lgb = import_module("lightgbm")
    settings = {
        "objective": "binary",
        "metric": "binary_logloss",
        "num_leaves": 2 ** setting["depth"] - 1,
        "learning_rate": setting["rate"],
        "feature_fraction_bynode": setting["features"],
        "bagging_fraction": setting["rows"],
        "bagging_freq": 1,
        "num_threads": threads,
        "verbose": -1,
    }
    rows = lgb.Dataset(*train)
    if valid is None:
        return lgb.train(settings, rows, 100).predict
    booster = lgb.train(
        settings,
        rows,
        TREES,
        valid_sets=[rows.create_valid(*valid)],
        callbacks=[lgb.early_stopping(STOP_AFTER, verbose=False)],
    )
    return booster.predict


def xgboost(train: Any, valid: Any, setting: dict[str, Any], threads: int) -> Any:
    """Returns a function that scores a table."""
    xgb = import_module("xgboost")
    settings = {
        "objective": "binary:logistic",
        "max_depth": setting["depth"],
        "learning_rate": setting["rate"],
        "colsample_bynode": setting["features"],
        "subsample": setting["rows"],
        "nthread": threads,
    }
    rows = xgb.QuantileDMatrix(*train, nthread=threads)
    if valid is None:
        return xgb.train(settings, rows, 100).inplace_predict
    evaluation = xgb.QuantileDMatrix(*valid, ref=rows, nthread=threads)
    booster = xgb.train(
        settings,
        rows,
        TREES,
        evals=[(evaluation, "eval")],
        early_stopping_rounds=STOP_AFTER,
        verbose_eval=False,
    )
    best = booster.best_iteration + 1
    return lambda table: booster.inplace_predict(table, iteration_range=(0, best))


def ydf(train: Any, valid: Any, setting: dict[str, Any], threads: int) -> Any:
    """Returns a function that scores a table."""
    library = import_module("ydf")

    def columns(table: np.ndarray) -> dict[str, np.ndarray]:
        return {f"f{index}": table[:, index] for index in range(table.shape[1])}

    learner = library.GradientBoostedTreesLearner(
        label="label",
        num_trees=100 if valid is None else TREES,
        max_depth=setting["depth"] + 1,  # in nodes, not splits
        shrinkage=setting["rate"],
        subsample=setting["rows"],
        num_candidate_attributes_ratio=setting["features"],
        validation_ratio=0.0,
        early_stopping="NONE" if valid is None else "LOSS_INCREASE",
        early_stopping_num_trees_look_ahead=STOP_AFTER,
        discretize_numerical_columns=True,
        num_threads=threads,
    )
    data = columns(train[0]) | {"label": train[1].astype(int)}
    held_out = None if valid is None else columns(valid[0]) | {"label": valid[1].astype(int)}
    model = learner.train(data, valid=held_out, verbose=0)
    return lambda table: model.predict(columns(table))


LIBRARIES = {"lightgbm": lightgbm, "xgboost": xgboost, "ydf": ydf}


def splits(
    rows: int, test_rows: int, folds: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yields the indices of rows: for training, for early stopping, and for testing."""
    random = np.random.default_rng(0)
    if folds:
        order = random.permutation(rows)
        pairs = [(np.setdiff1d(order, part), part) for part in np.array_split(order, folds)]
    else:
        pairs = [(np.arange(rows), np.arange(rows, rows + test_rows))]
    for train, test in pairs:
        train = random.permutation(train)
        yield train[len(train) // 10 :], train[: len(train) // 10], test


@app.command()
def one(
    table: Path,
    library: str,
    setting: str,
    best: Annotated[bool, typer.Option()],
    rows: int,
    test: int,
    folds: int,
    threads: int,
) -> None:
    """Measures one library with one setting, and prints JSON."""
    from sklearn.metrics import roc_auc_score

    import_module(library)
    values = np.load(table)
    loaded = _peak_memory()
    aucs, seconds = [], 0.0
    for train, stop, judged in splits(rows, test, folds):
        if not best:
            train, stop = np.concatenate([train, stop]), stop[:0]
        parts = [(values[part, 1:], values[part, 0]) for part in (train, stop, judged)]
        begin = time.process_time()
        score = LIBRARIES[library](
            parts[0], parts[1] if best else None, json.loads(setting), threads
        )
        seconds += time.process_time() - begin
        aucs.append(roc_auc_score(parts[2][1], score(parts[2][0])))
    more = _peak_memory() - loaded
    print(json.dumps([float(np.mean(aucs)), seconds / len(aucs), more]))


def _peak_memory() -> float:
    """Returns megabytes. `getrusage` would include the memory of the parent process."""
    (line,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(line) / 1024


@app.command()
def compare(
    file: Annotated[Path, typer.Argument(help="A file in the format of HIGGS.csv.gz.")],
    rows: Annotated[int, typer.Option(help="The number of rows for training.")],
    test_rows: Annotated[int, typer.Option(help="The number of rows after these for testing.")] = 0,
    folds: Annotated[int, typer.Option(help="Cross-validate instead, with N folds.")] = 0,
    threads: int = 2,
    only: Annotated[
        list[str] | None, typer.Option(help="Only this library. Can be repeated.")
    ] = None,
    equal_only: Annotated[bool, typer.Option("--equal-only", help="Omit `best`.")] = False,
) -> None:
    """Prints a line per library: AUC, seconds, and megabytes of `equal`, then of `best`."""
    from pyarrow import csv

    # Otherwise, waiting threads count as working ones.
    os.environ["OMP_WAIT_POLICY"] = "passive"

    options = csv.ReadOptions(autogenerate_column_names=True)
    with csv.open_csv(file, options) as reader:
        parts, count = [], 0
        while count < rows + test_rows:
            batch = reader.read_next_batch()
            parts.append(np.stack([column.to_numpy() for column in batch.columns], axis=1))
            count += len(parts[-1])
    cache = Path(f"table-{rows}.npy")
    np.save(cache, np.concatenate(parts)[: rows + test_rows].astype(np.float32))
    try:
        for library in only or LIBRARIES:
            found = []
            for number, setting in enumerate(GRID[:1] if equal_only else (GRID[0], *GRID)):
                arguments = [library, json.dumps(setting), rows, test_rows, folds, threads]
                flag = "--best" if number else "--no-best"
                command = [sys.executable, __file__, "one", str(cache), *map(str, arguments), flag]
                done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
                found.append(json.loads(done.stdout.splitlines()[-1]))
            chosen = found if equal_only else (found[0], max(found[1:]))
            results = "  ".join("AUC {:.4f} {:7.1f} s {:6.0f} MB".format(*f) for f in chosen)
            print(f"{rows:9,} rows  {library:8}  {results}", flush=True)
    finally:
        cache.unlink()


if __name__ == "__main__":
    app()
