"""Two workers on this machine, each with half of the rows, against one with all of them."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
import xgboost as xgb
from sklearn.metrics import roc_auc_score

from tests.trainer_modules.higgs.examples import example, rows, write, write_graph
from trainer_modules.higgs.parameters import HiggsParameters
from trainer_modules.shared.boosted_trees import xgboost_settings
from trainer_modules.shared.boosting import grow

PARAMETERS = {"trees": 10, "depth": 3, "learning_rate": 0.3, "parallel_trees": 1, "patience": 0}
TRAIN, EVAL = rows(3_000, seed=0), rows(600, seed=1)


def launch(examples: Path, graph: str, output: Path, rank: int, port: int) -> subprocess.Popen[str]:
    module = "trainer_modules.higgs.distributed"
    command = [sys.executable, "-m", module, examples, graph, output]
    options = {"rank": rank, "workers": 2, "port": port, "parameters": json.dumps(PARAMETERS)}
    flags = [f"--{name}={value}" for name, value in options.items()]
    return subprocess.Popen(
        [*map(str, command), *flags], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_two_workers_grow_trees_as_good_as_one_does(tmp_path):
    # train has a file for each worker. eval has one file, and the workers share its rows.
    write(tmp_path / "examples" / "Split-train", *TRAIN, shards=2)
    write(tmp_path / "examples" / "Split-eval", *EVAL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    graph = write_graph(tmp_path / "transform", TRAIN[0])
    workers = [
        launch(tmp_path / "examples", graph, tmp_path / "out", rank, port) for rank in (0, 1)
    ]
    try:
        said = [worker.communicate(timeout=300)[0] for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
    assert [worker.returncode for worker in workers] == [0, 0], said

    table, labels = EVAL
    booster = xgb.Booster(model_file=tmp_path / "out" / "logs" / "booster.ubj")
    ours = roc_auc_score(labels, booster.inplace_predict(table))
    settings = xgboost_settings(HiggsParameters(**PARAMETERS).for_rows(3_000), seed=0, rows=3_000)
    alone = grow(xgb.QuantileDMatrix(*TRAIN), settings, 10)
    assert abs(ours - roc_auc_score(labels, alone.inplace_predict(table))) < 0.01
    # Training has seen all rows, not half of them: the root counts p (1 - p) = 1/4 for each.
    trees = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]["trees"]
    assert len(trees) == 10
    share = TRAIN[1].mean()
    np.testing.assert_allclose(
        trees[0]["sum_hessian"][0], 0.8 * 3_000 * share * (1 - share), rtol=0.05
    )

    served = tf.saved_model.load(str(tmp_path / "out" / "model")).signatures["serving_default"]
    scores = served(tf.constant([example(row) for row in table]))["scores"][:, 1]
    np.testing.assert_allclose(scores, booster.inplace_predict(table), rtol=0, atol=1e-6)
