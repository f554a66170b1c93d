"""Training on raw Examples, and the exported model."""

import json
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import xgboost as xgb
from tensorflow.core.protobuf import saved_model_pb2

from tests.trainer_modules.higgs.examples import example, rows, write, write_graph
from trainer_modules.higgs import features as f
from trainer_modules.higgs.parameters import HiggsParameters
from trainer_modules.higgs.training import run_fn

QUICK = {"trees": 12, "depth": 3, "learning_rate": 0.3, "parallel_trees": 2}


@pytest.fixture(scope="module")
def examples(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    write(folder / "Split-train", *rows(800, seed=0))
    write(folder / "Split-eval", *rows(200, seed=1))
    return folder


def train(examples: Path, folder: Path, **given: Any) -> Path:
    """Transforms and trains into `folder`, as TFX does. Returns the folder."""
    parameters = HiggsParameters(**given)
    table, _ = rows(800, seed=0)
    run_fn(
        SimpleNamespace(
            train_files=[str(examples / "Split-train" / "*")],
            eval_files=[str(examples / "Split-eval" / "*")],
            schema_path=str(files("schemas") / "higgs.pbtxt"),
            transform_output=write_graph(folder, table, parameters.preset),
            serving_model_dir=str(folder / "model"),
            model_run_dir=str(folder / "logs"),
            custom_config={
                "parameters": parameters.model_dump(mode="json"),
                "seed": 3,
                "checkpoints": str(folder / "checkpoints"),
                "source": {},
            },
        )
    )
    return folder


@pytest.fixture(scope="module")
def trained(examples, tmp_path_factory) -> Path:
    return train(examples, tmp_path_factory.mktemp("trained"), **QUICK)


@pytest.fixture(scope="module")
def model(trained) -> Any:
    return tf.saved_model.load(str(trained / "model"))


@pytest.fixture(scope="module")
def booster(trained) -> xgb.Booster:
    return xgb.Booster(model_file=trained / "logs" / "booster.ubj")


def test_the_model_scores_examples_as_xgboost_does(model, booster):
    table, _ = rows(300, seed=2)
    found = model.signatures["serving_default"](tf.constant([example(row) for row in table]))

    assert found["classes"].shape == found["scores"].shape == (300, 2)
    assert found["classes"][0].numpy().tolist() == [b"background", b"signal"]
    expected = booster.inplace_predict(table)
    np.testing.assert_allclose(found["scores"][:, 1], expected, rtol=0, atol=1e-6)
    assert np.ptp(expected) > 0.3


def test_the_model_scores_lines_as_examples(model):
    table, _ = rows(50, seed=4)
    lines = [",".join(f"{value:.18e}" for value in row) for row in table.astype(float)]
    of_lines = model.signatures["csv"](tf.constant(lines))["scores"]
    examples = tf.constant([example(row) for row in table])
    of_examples = model.signatures["serving_default"](examples)["scores"]
    np.testing.assert_array_equal(of_lines, of_examples)


def test_the_model_consists_of_stock_operations(trained):
    saved = saved_model_pb2.SavedModel.FromString(
        (trained / "model" / "saved_model.pb").read_bytes()
    )
    used = {
        node.op
        for function in saved.meta_graphs[0].graph_def.library.function
        for node in function.node_def
    }
    assert "GatherV2" in used or "ResourceGather" in used
    assert not [name for name in used if "Py" in name or "XGBoost" in name]


def test_the_model_derives_what_is_sliced_by(model):
    table, labels = rows(4, seed=5)
    table[:, f.FEATURES.index("m_bb")] = 0.5, 0.678, 1.0, 7.0
    tags = [[0, 0, 0, 0], [1.1, 0, 0, 0], [0, 2.2, 0, 1.1], [1, 1, 1, 1]]
    table[:, [f.FEATURES.index(name) for name in f.B_TAGS]] = tags
    serialized = [example(row, label) for row, label in zip(table, labels, strict=True)]

    found = model.signatures["slices"](tf.constant(serialized))
    assert set(found) == {f.M_BB_QUARTILE, f.B_TAGGED_JETS}
    assert [text.decode() for text in found[f.M_BB_QUARTILE][:, 0].numpy()] == list(f.M_BB_NAMES)
    assert found[f.B_TAGGED_JETS].numpy().tolist() == [[b"0"], [b"1"], [b"2"], [b"4"]]


def test_records_are_left_beside_the_model_and_nothing_to_resume(trained):
    logs = trained / "logs"
    assert (
        (logs / "history.csv").read_text().startswith("epoch,auc,loss,val_auc,val_loss,seconds\n0,")
    )
    for name in ("gain", "permutation"):
        insight = json.loads((logs / "insights" / f"importance-{name}.json").read_text())
        assert insight["bars"][0][0] == "m_bb"
        assert {label for label, _ in insight["bars"]} == set(f.FEATURES)
    assert not list((trained / "checkpoints").iterdir())


def test_trees_are_grown_again_on_train_and_eval(examples, tmp_path, booster, trained):
    folder = train(examples, tmp_path, **QUICK, refit=False)
    choices = [json.loads((f / "logs" / "choice.json").read_text()) for f in (folder, trained)]
    assert [choice.pop("again") for choice in choices] == [False, True]
    assert choices[0] == choices[1]
    once = xgb.Booster(model_file=folder / "logs" / "booster.ubj")
    table, labels = rows(200, seed=1)  # eval
    losses = [
        -np.log(np.abs(1 - labels - trees.inplace_predict(table))).mean()
        for trees in (once, booster)
    ]
    assert once.num_boosted_rounds() == booster.num_boosted_rounds()
    assert losses[1] < losses[0] - 0.01


def test_scores_obey_a_constraint(examples, tmp_path, booster):
    folder = train(examples, tmp_path, **QUICK, monotone="m_bb:-1")
    constrained = xgb.Booster(model_file=folder / "logs" / "booster.ubj")
    table, _ = rows(100, seed=6)
    moved = np.repeat(table[np.newaxis], 20, axis=0)
    moved[:, :, f.FEATURES.index("m_bb")] = np.linspace(0, 2, 20, dtype=np.float32)[:, np.newaxis]
    free, falling = (
        np.diff(trees.inplace_predict(moved.reshape(2000, -1)).reshape(20, 100), axis=0)
        for trees in (booster, constrained)
    )
    assert free.max() > 0.05
    assert falling.max() == 0
    assert falling.min() < -0.05


def test_a_killed_training_is_resumed(examples, tmp_path, monkeypatch, caplog):
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("trainer_modules.shared.importance.permutation", killed)
        train(examples, tmp_path, **QUICK)
    with caplog.at_level("INFO", "tutorials.progress"):
        train(examples, tmp_path, **QUICK)

    assert "resuming after round 12" in caplog.messages
    assert (tmp_path / "model" / "saved_model.pb").exists()


def test_rows_of_one_class_are_refused(tmp_path):
    table, labels = rows(20, seed=7)
    write(tmp_path / "examples" / "Split-train", table, np.ones_like(labels))
    write(tmp_path / "examples" / "Split-eval", table, labels)
    with pytest.raises(ValueError, match="All 20 rows of split 'train' are of one class"):
        train(tmp_path / "examples", tmp_path / "run", **QUICK)


def test_three_rows_are_enough(tmp_path):
    table, _ = rows(3, seed=8)
    write(tmp_path / "examples" / "Split-train", table, [0, 1, 1])
    write(tmp_path / "examples" / "Split-eval", table[:2], [0, 1])
    train(tmp_path / "examples", tmp_path / "run")
    assert (tmp_path / "run" / "model" / "saved_model.pb").exists()


@pytest.mark.parametrize(
    ("count", "expected"), [(99_999, (0.05, 4, True)), (100_000, (0.1, 1, False))]
)
def test_what_is_not_given_depends_on_the_number_of_rows(count, expected):
    chosen = HiggsParameters().for_rows(count)
    assert (chosen.learning_rate, chosen.parallel_trees, chosen.refit) == expected
    given = HiggsParameters(learning_rate=0.2, parallel_trees=7, refit=True).for_rows(count)
    assert (given.learning_rate, given.parallel_trees, given.refit) == (0.2, 7, True)


def test_the_tutorials_preset_splits_at_percentiles(examples, tmp_path):
    folder = train(examples, tmp_path, preset="tutorial", trees=3)

    booster = xgb.Booster(model_file=folder / "logs" / "booster.ubj")
    splits = booster.trees_to_dataframe()["Split"].dropna()
    assert len(splits) > 20
    assert splits.between(0, 100).all()
    assert splits.max() > 50
    table, _ = rows(300, seed=2)
    served = tf.saved_model.load(str(folder / "model")).signatures["serving_default"]
    scores = served(tf.constant([example(row) for row in table]))["scores"][:, 1]
    train_table, _ = rows(800, seed=0)
    buckets = [
        np.searchsorted(np.percentile(known, range(1, 100)), values, side="right")
        for known, values in zip(train_table.T, table.T, strict=True)
    ]
    expected = booster.inplace_predict(np.float32(buckets).T)
    # Transform's percentiles differ from exact ones by a row or two of 800.
    assert np.mean(np.abs(scores - expected) < 1e-5) > 0.9
