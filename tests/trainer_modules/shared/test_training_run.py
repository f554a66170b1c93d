"""A training, from TFX's arguments to the exported model."""

from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from tests.trainer_modules.transform import write_transform_graph
from trainer_modules.shared.export import regression
from trainer_modules.shared.parameters import Parameters
from trainer_modules.shared.training_run import TrainingRun

SCHEMA = text_format.Parse(
    """
    feature { name: "rooms" type: FLOAT presence { min_fraction: 1 } shape { dim { size: 1 } } }
    feature { name: "city" type: BYTES presence { min_fraction: 1 } shape { dim { size: 1 } } }
    feature {
      name: "price" type: FLOAT presence { min_fraction: 1 } shape { dim { size: 1 } }
      not_in_environment: "SERVING"
    }
    """,
    schema_pb2.Schema(),
)
PRICES = [10.0, 20.0, 30.0, 40.0]


class HouseParameters(Parameters):
    epochs: int = 1


def example(rooms: float, price: float) -> bytes:
    features = {
        "rooms": tf.train.Feature(float_list={"value": [rooms]}),
        "city": tf.train.Feature(bytes_list={"value": [b"Oslo"]}),
        "price": tf.train.Feature(float_list={"value": [price]}),
    }
    return tf.train.Example(features={"feature": features}).SerializeToString()


@pytest.fixture
def run(tmp_path: Path) -> TrainingRun[HouseParameters]:
    for split in ("train", "eval"):
        with tf.io.TFRecordWriter(str(tmp_path / split), "GZIP") as writer:
            for price in PRICES:
                writer.write(example(price / 10, price))
    (tmp_path / "schema.pbtxt").write_text(text_format.MessageToString(SCHEMA))
    graph = write_transform_graph(
        tmp_path,
        lambda inputs: {"tenth": inputs["rooms"] / 10},
        SCHEMA,
        [{"rooms": 1.0, "city": "Oslo", "price": 1.0}],
    )
    fn_args = SimpleNamespace(
        train_files=[str(tmp_path / "train")],
        eval_files=[str(tmp_path / "eval")],
        schema_path=str(tmp_path / "schema.pbtxt"),
        transform_output=graph,
        serving_model_dir=str(tmp_path / "model"),
        model_run_dir=str(tmp_path / "logs"),
        custom_config={
            "parameters": {"epochs": 3},
            "seed": 7,
            "checkpoints": str(tmp_path / "checkpoints"),
            "source": {"csv": {"null_values": ["?"]}},
        },
    )
    return TrainingRun.from_fn_args(fn_args, HouseParameters, "price")


def test_arguments_are_read(run, tmp_path):
    assert run.parameters == HouseParameters(epochs=3)
    assert run.log_dir == tmp_path / "logs"
    assert run.resume.parent == tmp_path / "checkpoints"


def test_keras_is_seeded(run):
    drawn = keras.random.normal((3,))

    keras.utils.set_random_seed(7)
    assert (np.asarray(drawn) == np.asarray(keras.random.normal((3,)))).all()


def test_batches_are_transformed_and_selected(run):
    ((features, target),) = run.batches("eval", 4, select=lambda features: features["tenth"])

    np.testing.assert_allclose(features[:, 0], [0.1, 0.2, 0.3, 0.4], rtol=1e-6)
    assert target.numpy().tolist() == [[price] for price in PRICES]


def test_only_shuffled_batches_change_their_order(run):
    def order(shuffle: bool) -> list[list[float]]:
        batches = run.batches("train", 4, shuffle=shuffle)
        return [batch[1][:, 0].numpy().tolist() for _ in range(5) for batch in batches]

    assert order(False) == [PRICES] * 5
    assert any(prices != PRICES for prices in order(True))


def test_a_regression_is_served_from_rows_and_examples(run):
    run.export(
        regression(lambda features: features["tenth"][:, 0] * 100),
        track=[],
        signatures={"csv": run.csv_signature()},
    )

    served = tf.saved_model.load(run.model_folder).signatures
    by_rows = served["csv"](rows=tf.constant(["1.5,Oslo", "2,?"]))["predictions"]
    by_example = served["serving_default"](examples=tf.constant([example(1.5, 0)]))["predictions"]
    np.testing.assert_allclose(by_rows, [15, 20], rtol=1e-6)
    np.testing.assert_allclose(by_example, [15], rtol=1e-6)
