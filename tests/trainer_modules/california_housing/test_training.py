"""Training and serving of each model of California Housing."""

from functools import partial
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from schemas.reader import read_schema
from tests.trainer_modules.transform import write_transform_graph
from trainer_modules.california_housing import features as f
from trainer_modules.california_housing.parameters import CaliforniaHousingParameters
from trainer_modules.california_housing.preprocessing import preprocessing_fn
from trainer_modules.california_housing.training import run_fn

SCHEMA = files("schemas") / "california_housing.pbtxt"
QUICK = {
    "boosted_trees": {"trees": 60, "learning_rate": 0.3},
    "wide_deep": {"epochs": 15, "hidden_units": "32"},
    "deep": {"epochs": 15, "hidden_units": "32"},
}


def districts(count: int, seed: int) -> list[dict[str, float]]:
    """Districts with house values that depend on income and on the distance from the coast."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        income, longitude = random.uniform(1, 8), random.uniform(-122, -117)
        households = float(random.integers(100, 1000))
        found.append(
            {
                "longitude": longitude,
                "latitude": random.uniform(33, 39),
                "housing_median_age": float(random.integers(1, 52)),
                "total_rooms": households * 5,
                "total_bedrooms": households,
                "population": households * 3,
                "households": households,
                "median_income": income,
                f.LABEL: 0.4 * income + 0.3 * (-longitude - 117),
            }
        )
    return found


def example(row: dict[str, float]) -> bytes:
    features = {
        name: tf.train.Feature(float_list=tf.train.FloatList(value=[value]))
        for name, value in row.items()
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def write(folder: Path, rows: list[dict[str, float]]) -> str:
    folder.mkdir(parents=True)
    options = tf.io.TFRecordOptions("GZIP")
    with tf.io.TFRecordWriter(str(folder / "rows.gz"), options) as writer:
        for row in rows:
            writer.write(example(row))
    return str(folder / "*")


@pytest.fixture(scope="module", params=QUICK)
def trained(request, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    parameters = CaliforniaHousingParameters(model_type=request.param, **QUICK[request.param])
    rows = districts(1000, seed=0)
    run_fn(
        SimpleNamespace(
            train_files=[write(folder / "train", rows)],
            eval_files=[write(folder / "eval", districts(200, seed=1))],
            schema_path=str(SCHEMA),
            transform_output=write_transform_graph(
                folder,
                partial(preprocessing_fn, custom_config={}),
                read_schema(str(SCHEMA)),
                rows[:3],
            ),
            serving_model_dir=str(folder / "model"),
            model_run_dir=str(folder / "logs"),
            custom_config={
                "parameters": parameters.model_dump(mode="json"),
                "seed": 3,
                "checkpoints": str(folder / "checkpoints"),
                "source": {"csv": {}},
            },
        )
    )
    return folder


@pytest.fixture(scope="module")
def model(trained) -> Any:
    return tf.saved_model.load(str(trained / "model"))


def test_the_model_learns_and_serves_numbers(model):
    rows = districts(300, seed=2)
    served = model.signatures["serving_default"](tf.constant([example(row) for row in rows]))

    assert list(served) == ["predictions"]
    predictions = served["predictions"].numpy()
    assert (predictions.dtype, predictions.shape) == (np.float32, (300,))
    labels = np.array([row[f.LABEL] for row in rows])
    assert np.sqrt(np.mean((predictions - labels) ** 2)) < 0.5 * labels.std()


def test_lines_are_predicted_as_examples_are(model):
    rows = districts(20, seed=4)
    columns = [name for name in rows[0] if name != f.LABEL]
    lines = [",".join(str(np.float32(row[name])) for name in columns) for row in rows]

    by_line = model.signatures["csv"](rows=tf.constant(lines))["predictions"]
    by_example = model.signatures["serving_default"](tf.constant([example(row) for row in rows]))

    np.testing.assert_array_equal(by_line, by_example["predictions"])


def test_no_rows_are_no_predictions(model):
    served = model.signatures["serving_default"](tf.constant([], tf.string))

    assert served["predictions"].shape == (0,)


def test_slices_are_derived_from_examples(model):
    found = model.signatures["slices"](tf.constant([example(row) for row in districts(5, seed=5)]))

    assert set(found) == {f.INCOME_QUARTILE, f.REGION}
    assert all(values.shape == (5, 1) for values in found.values())


def test_the_history_has_the_metrics_of_a_regression(trained):
    header = (trained / "logs" / "history.csv").read_text().splitlines()[0].split(",")

    assert {"epoch", "rmse", "mae", "val_rmse", "val_mae", "seconds"} <= set(header)


def test_networks_have_defaults_of_their_own():
    trees, network = (
        CaliforniaHousingParameters(model_type=kind) for kind in ("boosted_trees", "wide_deep")
    )

    assert (trees.learning_rate, network.learning_rate) == (0.1, 0.002)
    assert CaliforniaHousingParameters(model_type="deep", learning_rate=0.01).learning_rate == 0.01
