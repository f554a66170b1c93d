"""Applying the function that Transform wrote."""

from pathlib import Path

import pytest
import tensorflow as tf
import tensorflow_transform as tft
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from tests.trainer_modules.transform import load_transform_graph, write_transform_graph
from trainer_modules.shared.transform import TransformGraph

SCHEMA = text_format.Parse(
    """
    feature { name: "used" type: FLOAT presence { min_fraction: 1 } shape { dim { size: 1 } } }
    feature { name: "checked" type: INT value_count { min: 1 max: 1 } }
    feature { name: "unused" type: BYTES presence { min_fraction: 1 } shape { dim { size: 1 } } }
    """,
    schema_pb2.Schema(),
)


def preprocessing_fn(inputs: dict) -> dict:
    check = tf.debugging.assert_equal(inputs["checked"].values, tf.constant(1, tf.int64))
    with tf.control_dependencies([check]):
        return {"scaled": tft.scale_to_0_1(inputs["used"])}


@pytest.fixture(scope="module")
def transform(tmp_path_factory: pytest.TempPathFactory) -> TransformGraph:
    rows = [{"used": value, "checked": 1, "unused": "x"} for value in (2.0, 6.0)]
    folder: Path = tmp_path_factory.mktemp("transform")
    return load_transform_graph(write_transform_graph(folder, preprocessing_fn, SCHEMA, rows))


def test_inputs_are_the_features_that_are_read_or_checked(transform):
    assert transform.inputs == {"used", "checked"}


def test_features_that_are_not_read_may_be_absent(transform):
    checked = tf.SparseTensor([[0, 0]], tf.constant([1], tf.int64), [2, 1])

    found = transform({"used": tf.constant([[3.0], [6.0]]), "checked": checked})

    assert found["scaled"].numpy().tolist() == [[0.25], [1.0]]
