"""Fitting: resuming after an interruption, early stopping, and best weights."""

import csv
import json
import signal
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.trainer_modules.shared.listening import listening
from trainer_modules.shared.training import fit, resume_folder

BATCHES = 8


@pytest.fixture(scope="module")
def data() -> tf.data.Dataset:
    random = np.random.default_rng(0)
    features = random.normal(size=(BATCHES * 32, 4)).astype("float32")
    target = features @ np.array([[1.0], [-2.0], [0.5], [3.0]], "float32")
    return tf.data.Dataset.from_tensor_slices((features, target)).batch(32)


def new_model(learning_rate=0.01) -> keras.Model:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(learning_rate), loss="mse")
    return model


def train(model: keras.Model, data: tf.data.Dataset, folder: Path, **changes) -> None:
    arguments = {"epochs": 6, "patience": 3, "monitor": "val_loss", "mode": "min", **changes}
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    fit(model, data, data, resume=folder / "resume", log_dir=folder / "logs", **arguments)


def history(folder: Path) -> list[dict[str, str]]:
    with (folder / "logs" / "history.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def choice(folder: Path) -> dict[str, int]:
    return json.loads((folder / "logs" / "choice.json").read_text("utf-8"))


def test_an_interrupted_training_goes_on_where_it_was(data, tmp_path):
    whole, interrupted, resumed = new_model(), new_model(), new_model()
    train(whole, data, tmp_path / "whole")

    with listening(interrupt_at="epoch 3/6") as before, pytest.raises(KeyboardInterrupt):
        train(interrupted, data, tmp_path / "killed")
    with listening() as after:
        train(resumed, data, tmp_path / "killed")

    assert [line.split()[1] for line in before] == ["1/6", "2/6", "3/6"]
    assert after[0] == "resuming after epoch 3"
    assert [line.split()[1] for line in after[1:]] == ["4/6", "5/6", "6/6"]
    assert resumed.optimizer.iterations == 6 * BATCHES
    np.testing.assert_allclose(resumed.get_weights()[0], whole.get_weights()[0], rtol=1e-5)
    assert [line["epoch"] for line in history(tmp_path / "killed")] == list("012345")


@pytest.mark.parametrize("save", range(1, 7))
def test_a_training_interrupted_while_it_saves_goes_on(data, tmp_path, interruptible, save):
    """Each epoch saves its weights twice: as the best ones, and as the state to resume."""
    saves = []

    def interrupt(layer, store):
        saves.append(store)
        if len(saves) == save:
            signal.raise_signal(signal.SIGINT)
        return keras.layers.Dense.save_own_variables(layer, store)

    whole, interrupted, resumed = new_model(), new_model(), new_model()
    train(whole, data, tmp_path / "whole")
    (layer,) = interrupted.layers
    object.__setattr__(layer, "save_own_variables", lambda store: interrupt(layer, store))
    with pytest.raises(KeyboardInterrupt):
        train(interrupted, data, tmp_path / "stopped")
    train(resumed, data, tmp_path / "stopped")

    assert resumed.optimizer.iterations == 6 * BATCHES
    np.testing.assert_allclose(resumed.get_weights()[0], whole.get_weights()[0], rtol=1e-5)


def test_nothing_is_left_to_resume_after_a_whole_training(data, tmp_path):
    train(new_model(), data, tmp_path)

    assert not (tmp_path / "resume").exists()
    with listening() as messages:
        train(new_model(), data, tmp_path)
    assert messages[0].startswith("epoch 1/6")


def diverging() -> keras.optimizers.schedules.LearningRateSchedule:
    """A model that improves for two epochs and then gets worse."""
    return keras.optimizers.schedules.PiecewiseConstantDecay([2 * BATCHES], [0.05, 1000.0])


def test_the_weights_are_those_of_the_best_epoch(data, tmp_path):
    model = new_model(diverging())

    train(model, data, tmp_path)

    losses = [float(line["val_loss"]) for line in history(tmp_path)]
    assert losses.index(min(losses)) == 1
    assert choice(tmp_path) == {"kept": 2, "most": 6, "again": False}
    assert model.evaluate(data, verbose=0) == pytest.approx(min(losses), rel=1e-5)


def test_training_stops_when_it_no_longer_improves(data, tmp_path):
    train(new_model(diverging()), data, tmp_path, epochs=50, patience=3)

    assert len(history(tmp_path)) == 2 + 3
    assert choice(tmp_path) == {"kept": 2, "most": 50, "again": False}


@pytest.mark.parametrize("mode", ["min", "max"])
def test_an_interruption_does_not_lose_the_best_epoch(data, tmp_path, mode):
    """The best epoch is before the interruption, and worse ones follow."""
    with listening(interrupt_at="epoch 3/6"), pytest.raises(KeyboardInterrupt):
        train(new_model(diverging()), data, tmp_path, mode=mode)
    model = new_model(diverging())
    train(model, data, tmp_path, mode=mode)

    losses = [float(line["val_loss"]) for line in history(tmp_path)]
    best = min(losses) if mode == "min" else max(losses)
    assert choice(tmp_path)["kept"] == losses.index(best) + 1
    assert model.evaluate(data, verbose=0) == pytest.approx(best, rel=1e-5)


def test_logs_for_tensorboard_are_written(data, tmp_path):
    train(new_model(), data, tmp_path, epochs=1)

    assert list((tmp_path / "logs").rglob("events.out.tfevents.*"))


def arguments(**changes) -> SimpleNamespace:
    return SimpleNamespace(
        **{
            "train_files": ["transformed/1/Split-train/*"],
            "transform_output": "transform_graph/1",
            "custom_config": {"checkpoints": "folder", "parameters": {"epochs": 3}, "seed": 0},
            **changes,
        }
    )


def test_the_same_work_resumes_in_the_same_folder():
    assert resume_folder(arguments()) == resume_folder(arguments())
    assert resume_folder(arguments()).parent == Path("folder")


@pytest.mark.parametrize(
    "change",
    [
        {"train_files": ["transformed/2/Split-train/*"]},
        {"transform_output": "transform_graph/2"},
        {"custom_config": {"checkpoints": "folder", "parameters": {"epochs": 3}, "seed": 1}},
        {"custom_config": {"checkpoints": "folder", "parameters": {"epochs": 4}, "seed": 0}},
    ],
)
def test_other_work_does_not_resume_it(change):
    assert resume_folder(arguments(**change)) != resume_folder(arguments())
