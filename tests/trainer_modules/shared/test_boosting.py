"""Boosting: resuming after an interruption, early stopping, records, and bad rows."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import xgboost as xgb
from sklearn.metrics import log_loss, roc_auc_score

from tests.trainer_modules.shared.listening import listening
from trainer_modules.shared import boosting
from trainer_modules.shared.boosting import binned, boost, grow, threads

NAMES = ("first", "second", "third")
SETTINGS = {
    "seed": 1,
    "max_depth": 3,
    "learning_rate": 0.3,
    "subsample": 0.5,
    "colsample_bynode": 0.7,
    "max_bin": 64,
    "nthread": 1,
}


@pytest.fixture
def eager(monkeypatch):
    """Reports and saves every round."""
    monkeypatch.setattr(boosting, "_PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(boosting, "CHECKPOINT_SECONDS", 0.0)


def table(
    rows: int, seed: int, objective: str = "binary:logistic"
) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, 3)).astype(np.float32)
    odds = 2 * values[:, 0] * values[:, 1] + values[:, 2]
    if objective == "reg:squarederror":
        return values, odds + random.normal(size=rows).astype(np.float32)
    return values, (random.random(rows) < 1 / (1 + np.exp(-odds))).astype(np.float32)


def rows_of(
    values: np.ndarray, labels: np.ndarray, like: xgb.QuantileDMatrix | None = None
) -> xgb.QuantileDMatrix:
    batches = tf.data.Dataset.from_tensor_slices((values, labels)).batch(100)
    return binned(batches, NAMES, SETTINGS, like)


def train(folder: Path, changes: dict | None = None, eval_rows: int = 300, **limits):
    limits = {"rounds": 12, "patience": 0, **limits}
    objective = limits.get("objective", "binary:logistic")
    train_rows = rows_of(*table(1_000, 0, objective))
    return boost(
        train_rows,
        rows_of(*table(eval_rows, 1, objective), train_rows),
        SETTINGS | (changes or {}),
        resume=folder / "resume",
        log_dir=folder / "logs",
        **limits,
    )


def history(folder: Path) -> list[dict[str, str]]:
    with (folder / "logs" / "history.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


ALL = {"subsample": 1.0, "colsample_bynode": 1.0}
"""Settings without random numbers."""


def trees(booster: xgb.Booster) -> list:
    return json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]["trees"]


def choice(folder: Path) -> dict[str, int]:
    return json.loads((folder / "logs" / "choice.json").read_text("utf-8"))


def figures(folder: Path) -> list[dict[str, str]]:
    """Returns the history without the durations."""
    return [{**line, "seconds": ""} for line in history(folder)]


@pytest.mark.parametrize("changes", [ALL, {}], ids=["all", "drawn"])
def test_an_interrupted_training_goes_on_where_it_was(tmp_path, eager, changes):
    whole = train(tmp_path / "whole", changes)

    with listening(interrupt_at="round 6/12") as before, pytest.raises(KeyboardInterrupt):
        train(tmp_path / "killed", changes)
    with listening() as after:
        resumed = train(tmp_path / "killed", changes)

    assert [line.split()[1] for line in before] == [f"{n}/12" for n in range(1, 7)]
    assert after[0] == "resuming after round 6"
    assert [line.split()[1] for line in after[1:-1]] == [f"{n}/12" for n in range(7, 13)]
    same = 12 if changes == ALL else 6
    assert trees(resumed)[:same] == trees(whole)[:same]
    assert figures(tmp_path / "killed")[:same] == figures(tmp_path / "whole")[:same]
    assert len(trees(resumed)) == len(history(tmp_path / "killed")) == 12


def test_draws_after_an_interruption_are_not_those_of_the_start(tmp_path, eager):
    """If there is nothing to learn, the same draws give the same trees."""
    changes = {"learning_rate": 1e-30, "base_score": 0.5, "reg_lambda": 1.0}
    with listening(interrupt_at="round 3/6"), pytest.raises(KeyboardInterrupt):
        train(tmp_path, changes, rounds=6)
    grown = trees(train(tmp_path, changes, rounds=6))
    assert len({str(tree["split_conditions"][:3]) for tree in grown}) == 6


def test_a_training_killed_after_its_last_round_grows_no_more(tmp_path, eager):
    whole = train(tmp_path, rounds=200, patience=5)
    with listening() as messages:
        again = train(tmp_path, rounds=200, patience=5)
    assert not [line for line in messages if line.startswith("round")]
    assert again.save_raw("json") == whole.save_raw("json")


def test_training_stops_after_rounds_without_improvement(tmp_path):
    booster = train(tmp_path, rounds=500, patience=7)

    losses = [float(line["val_loss"]) for line in history(tmp_path)]
    best = losses.index(min(losses)) + 1
    assert len(losses) == best + 7 < 500
    assert booster.num_boosted_rounds() == best
    assert choice(tmp_path) == {"kept": best, "most": 500, "again": False}


def test_the_trees_are_those_of_the_best_round(tmp_path):
    booster = train(tmp_path, rounds=500, patience=7)

    values, labels = table(300, seed=1)
    scores = booster.inplace_predict(values)
    best = min(history(tmp_path), key=lambda line: float(line["val_loss"]))
    assert float(best["val_loss"]) == pytest.approx(log_loss(labels, scores), abs=1e-6)
    assert float(best["val_auc"]) == pytest.approx(roc_auc_score(labels, scores), abs=1e-6)


def test_regression_keeps_the_trees_of_the_best_round(tmp_path):
    booster = train(tmp_path, rounds=500, patience=7, objective="reg:squarederror")

    lines = history(tmp_path)
    best = min(lines, key=lambda line: float(line["val_rmse"]))
    assert booster.num_boosted_rounds() == int(best["epoch"]) + 1 == len(lines) - 7
    values, labels = table(300, 1, "reg:squarederror")
    errors = booster.inplace_predict(values) - labels
    assert float(best["val_mae"]) == pytest.approx(np.abs(errors).mean(), abs=1e-5)
    assert float(best["val_rmse"]) == pytest.approx(np.sqrt((errors**2).mean()), abs=1e-5)
    assert float(best["val_loss"]) == pytest.approx((errors**2).mean(), abs=1e-5)


def test_the_history_of_a_regression_has_its_metrics(tmp_path):
    with listening() as messages:
        train(tmp_path, rounds=3, objective="reg:squarederror")
    names = ["mae", "rmse", "loss", "val_mae", "val_rmse", "val_loss"]
    assert list(history(tmp_path)[0]) == ["epoch", *names, "seconds"]
    last = [float(history(tmp_path)[2][name]) for name in names[3:]]
    assert messages == [
        "3 of 3 rounds kept, on eval: mae {:.4f}, rmse {:.4f}, loss {:.4f}".format(*last)
    ]


def test_a_regression_of_one_value_is_trained(tmp_path):
    values, _ = table(200, seed=4)
    rows = rows_of(values, np.full(200, 2.5, np.float32))
    limits = {"rounds": 2, "patience": 0, "resume": tmp_path, "log_dir": tmp_path}
    booster = boost(
        rows, rows_of(values, np.ones(200), rows), SETTINGS, objective="reg:squarederror", **limits
    )
    np.testing.assert_allclose(booster.inplace_predict(values), 2.5, rtol=1e-6)


def test_without_patience_all_trees_are_kept(tmp_path):
    assert train(tmp_path, rounds=150).num_boosted_rounds() == 150
    assert len(history(tmp_path)) == 150
    assert choice(tmp_path) == {"kept": 150, "most": 150, "again": False}


def test_the_history_has_the_columns_that_keras_writes(tmp_path):
    train(tmp_path, rounds=3)
    lines = history(tmp_path)
    assert list(lines[0]) == ["epoch", "auc", "loss", "val_auc", "val_loss", "seconds"]
    assert all(float(line["seconds"]) > 0 for line in lines)
    assert [line["epoch"] for line in lines] == list("012")
    assert float(lines[2]["loss"]) < float(lines[0]["loss"]) < np.log(2)


def test_curves_for_tensorboard_are_whole_after_an_interruption(tmp_path, eager):
    with listening(interrupt_at="round 2/4"), pytest.raises(KeyboardInterrupt):
        train(tmp_path / "killed", rounds=4)
    for file in (tmp_path / "killed" / "logs").rglob("events.out.tfevents.*"):
        file.unlink()
    train(tmp_path / "killed", rounds=4)

    (events,) = (tmp_path / "killed" / "logs" / "validation").iterdir()
    found = {
        (value.tag, event.step): float(tf.make_ndarray(value.tensor))
        for event in tf.compat.v1.train.summary_iterator(str(events))
        for value in event.summary.value
    }
    expected = {
        (f"epoch_{name}", int(line["epoch"])): pytest.approx(float(line[f"val_{name}"]))
        for line in history(tmp_path / "killed")
        for name in ("auc", "loss")
    }
    assert found == expected
    assert len(found) == 8


def test_the_same_seed_gives_the_same_trees(tmp_path):
    first, same, other = (
        train(tmp_path / name, {"seed": seed}).save_raw("json")
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first == same
    assert first != other


@pytest.mark.parametrize("objective", ["binary:logistic", "reg:squarederror"])
def test_trees_grown_again_are_as_many_and_the_same_on_the_same_rows(tmp_path, objective):
    booster = train(tmp_path, rounds=9, objective=objective)
    again = grow(rows_of(*table(1_000, 0, objective)), SETTINGS, 9, objective=objective)
    values, _ = table(100, seed=2)
    np.testing.assert_array_equal(again.inplace_predict(values), booster.inplace_predict(values))


def test_batches_are_binned_as_the_whole_table_is():
    values, labels = table(5_000, seed=3)
    values[::7, 1] = np.nan
    streamed, whole = rows_of(values, labels), xgb.QuantileDMatrix(values, labels, max_bin=64)
    assert streamed.feature_names == list(NAMES)
    np.testing.assert_array_equal(streamed.get_label(), labels)
    ours, theirs = (grow(rows, SETTINGS, 5) for rows in (streamed, whole))
    np.testing.assert_allclose(
        roc_auc_score(labels, ours.inplace_predict(values)),
        roc_auc_score(labels, theirs.inplace_predict(values)),
        atol=0.005,
    )


@pytest.mark.parametrize("split", ["train", "eval"])
@pytest.mark.parametrize("label", [0, 1])
def test_rows_of_one_class_are_refused(tmp_path, split, label):
    values, labels = table(200, seed=4)
    alone = np.full_like(labels, label)
    train_rows = rows_of(values, alone if split == "train" else labels)
    eval_rows = rows_of(values, alone if split == "eval" else labels, train_rows)
    with pytest.raises(ValueError, match=f"All 200 rows of split '{split}' are of one class"):
        boost(
            train_rows,
            eval_rows,
            SETTINGS,
            rounds=1,
            patience=0,
            resume=tmp_path,
            log_dir=tmp_path,
        )


def test_a_constant_feature_and_a_missing_one_are_not_split_at(tmp_path):
    values, labels = table(500, seed=5)
    values[:, 0], values[:, 2] = 3.0, np.nan
    rows = rows_of(values, labels)
    limits = {"rounds": 5, "patience": 2, "resume": tmp_path, "log_dir": tmp_path}
    booster = boost(rows, rows_of(values, labels, rows), SETTINGS, **limits)
    assert set(booster.get_score()) == {"second"}


def test_two_rows_are_enough(tmp_path):
    values, labels = np.float32([[0, 0, 0], [1, 1, 1]]), np.float32([0, 1])
    rows = rows_of(values, labels)
    limits = {"rounds": 5, "patience": 2, "resume": tmp_path, "log_dir": tmp_path}
    booster = boost(rows, rows_of(values, labels, rows), SETTINGS, **limits)
    assert booster.inplace_predict(values).shape == (2,)


def test_few_rows_are_left_to_one_thread(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(8))
    assert [threads(rows) for rows in (5, 19_999, 70_000, 80_000, 10_000_000)] == [1, 1, 7, 0, 0]
