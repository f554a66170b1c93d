"""Building blocks of preprocessing functions."""

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_transform as tft
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from trainer_modules.shared.preprocessing import dense, domain_ids, quantile_positions

SCHEMA = text_format.Parse(
    'feature { name: "job" string_domain { value: "Sales" value: "Farming" } }',
    schema_pb2.Schema(),
)


def sparse(values: list) -> tf.SparseTensor:
    """A column as Transform passes it on: without an entry if the row has no value."""
    rows = [row for row, value in enumerate(values) if value is not None]
    present = [value for value in values if value is not None]
    width = 1 if rows else 0
    return tf.SparseTensor([[row, 0] for row in rows], present, [len(values), width])


def test_dense_fills_in_the_default():
    assert dense(sparse([1.5, None, 2.5]), -1).numpy().tolist() == [[1.5], [-1.0], [2.5]]
    assert dense(sparse(["a", None]), "").numpy().tolist() == [[b"a"], [b""]]


def test_dense_of_a_batch_without_values_has_all_rows():
    empty = tf.SparseTensor(np.zeros((0, 2), "int64"), np.zeros(0, "float32"), [3, 0])

    assert dense(empty, 7).numpy().tolist() == [[7.0]] * 3


def test_dense_leaves_dense_tensors_alone():
    assert dense(tf.constant([[1], [2]]), 0).numpy().tolist() == [[1], [2]]


def test_ids_follow_the_domain():
    ids = domain_ids(sparse(["Farming", None, "Sales", "Astronaut", ""]), SCHEMA, "job")

    assert ids.dtype == tf.int64
    assert ids.numpy().tolist() == [[2], [0], [1], [0], [0]]


@pytest.mark.parametrize("seed", range(5))
def test_positions_equal_those_of_transform(seed):
    random = np.random.default_rng(seed)
    boundaries = np.sort(random.normal(size=(3, 9)), axis=1).astype("float32")
    values = random.normal(scale=2, size=(200, 3)).astype("float32")
    values[:9] = boundaries.T

    positions = quantile_positions(tf.constant(values), tf.constant(boundaries)).numpy()

    for column in range(3):
        expected = tft.apply_buckets_with_interpolation(
            tf.constant(values[:, column]), tf.constant(boundaries[column : column + 1])
        )
        np.testing.assert_allclose(positions[:, column], expected.numpy(), atol=1e-6)


@pytest.mark.parametrize(
    "boundaries",
    [[0, 1, 2, 4, 8], [-3.5, 0, 0.25, 1e6], [1, 2]],
)
def test_positions_are_numpy_interpolation(boundaries):
    values = np.linspace(-5, 10, 301, dtype="float32")

    positions = quantile_positions(
        tf.constant(values[:, None]), tf.constant([boundaries], "float32")
    )

    expected = np.interp(values, boundaries, np.linspace(0, 1, len(boundaries)))
    np.testing.assert_allclose(positions.numpy()[:, 0], expected, atol=1e-6)


def test_equal_boundaries_make_a_jump():
    boundaries = tf.constant([[0.0, 1.0, 1.0, 1.0, 2.0]])
    values = [-1.0, 0.0, 0.5, 0.999999, 1.0, 1.5, 2.0, 3.0]

    positions = quantile_positions(tf.constant(values)[:, tf.newaxis], boundaries)

    expected = [0, 0, 0.125, 0.25, 0.75, 0.875, 1, 1]
    np.testing.assert_allclose(positions.numpy()[:, 0], expected, atol=1e-6)


def test_a_constant_column_is_a_step():
    positions = quantile_positions(tf.constant([[4.9], [5.0], [5.1]]), tf.constant([[5.0] * 4]))

    assert positions.numpy().tolist() == [[0.0], [1.0], [1.0]]
