"""Raw Examples as tf.data."""

from pathlib import Path

import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from trainer_modules.shared import datasets
from trainer_modules.shared.datasets import raw_batches

SCHEMA = text_format.Parse(
    """
    feature { name: "number" type: INT presence { min_fraction: 1 } shape { dim { size: 1 } } }
    feature {
      name: "parity" type: BYTES presence { min_fraction: 1 } shape { dim { size: 1 } }
      string_domain { name: "parity" value: "even" value: "odd" }
      not_in_environment: "SERVING"
    }
    """,
    schema_pb2.Schema(),
)


@pytest.fixture(params=["held", "streamed"], autouse=True)
def arrangement(request, monkeypatch):
    """Whether all rows fit in the memory for shuffling."""
    if request.param == "streamed":
        monkeypatch.setattr(datasets, "SHUFFLE_ROWS", 60)
    return request.param


@pytest.fixture
def pattern(tmp_path: Path) -> str:
    for file in range(2):
        with tf.io.TFRecordWriter(str(tmp_path / f"data-{file}.gz"), "GZIP") as writer:
            for number in range(50 * file, 50 * file + 50):
                parity = [b"even", b"odd"][number % 2]
                features = {
                    "number": tf.train.Feature(int64_list=tf.train.Int64List(value=[number])),
                    "parity": tf.train.Feature(bytes_list=tf.train.BytesList(value=[parity])),
                }
                example = tf.train.Example(features=tf.train.Features(feature=features))
                writer.write(example.SerializeToString())
    return str(tmp_path / "data-*")


def batches(pattern: str, seed: int | None = None) -> tf.data.Dataset:
    return raw_batches([pattern], SCHEMA, "parity", lambda row: row["number"][:, 0], 32, seed)


def numbers(dataset: tf.data.Dataset) -> list[int]:
    return [int(number) for prepared, _ in dataset for number in prepared]


def test_rows_come_in_order_with_the_class_of_their_label(pattern):
    found = list(batches(pattern))

    assert [len(target) for _, target in found] == [32, 32, 32, 4]
    assert numbers(batches(pattern)) == list(range(100))
    for prepared, target in found:
        assert target.dtype == tf.int64
        assert (target.numpy()[:, 0] == prepared.numpy() % 2).all()


def test_the_label_is_no_feature(pattern):
    seen = []
    raw_batches([pattern], SCHEMA, "parity", lambda row: seen.append(set(row)) or row["number"], 32)

    assert seen == [{"number"}]


def test_each_epoch_has_another_order_and_each_seed_the_same(pattern):
    shuffled = batches(pattern, seed=1)
    epochs = [numbers(shuffled), numbers(shuffled)]

    assert epochs[0] != epochs[1]
    assert all(sorted(epoch) == list(range(100)) for epoch in epochs)
    again = batches(pattern, seed=1)
    assert [numbers(again), numbers(again)] == epochs
    assert numbers(batches(pattern, seed=2)) != epochs[0]


def test_rows_and_labels_stay_together_when_shuffled(pattern):
    for prepared, target in batches(pattern, seed=1):
        assert (target.numpy()[:, 0] == prepared.numpy() % 2).all()


def test_the_number_of_batches_is_known(pattern):
    assert len(batches(pattern)) == len(list(batches(pattern))) == 4


def test_the_tuner_is_off(pattern):
    assert batches(pattern, seed=1).options().autotune.enabled is False


def test_rows_are_prepared_once_where_they_are_held(pattern, arrangement):
    prepared = []

    def prepare(row):
        tf.py_function(lambda numbers: prepared.extend(numbers.numpy()), [row["number"][:, 0]], [])
        return row["number"]

    dataset = raw_batches([pattern], SCHEMA, "parity", prepare, 32)
    for _ in range(3):
        list(dataset)

    assert len(prepared) == (100 if arrangement == "held" else 300)


def sparse_batches(pattern: str, seed: int | None = None) -> tf.data.Dataset:
    def prepare(row):
        return tf.sparse.from_dense(row["number"] + 1)

    return raw_batches([pattern], SCHEMA, "parity", prepare, 32, seed).map(
        lambda numbers, target: (numbers.values - 1, target)
    )


def test_what_becomes_sparse_is_streamed_in_the_order_of_what_is_held(pattern, monkeypatch):
    monkeypatch.setattr(datasets, "SHUFFLE_ROWS", 100)
    held, streamed = batches(pattern, seed=3), sparse_batches(pattern, seed=3)

    assert [numbers(held), numbers(held)] == [numbers(streamed), numbers(streamed)]
    assert len(streamed) == 4


def label_schema(text: str) -> schema_pb2.Schema:
    return text_format.Parse(f'feature {{ name: "label" {text} }}', schema_pb2.Schema())


def test_a_target_of_a_regression_is_the_number():
    found = datasets.target(tf.constant([[1.5], [-2.0]]), label_schema("type: FLOAT"), "label")

    assert found.dtype == tf.float32
    assert found.numpy().tolist() == [[1.5], [-2.0]]


def test_a_label_of_0_and_1_is_a_class():
    schema = label_schema('type: INT string_domain { value: "0" value: "1" }')

    found = datasets.target(tf.constant([[1], [0], [1]], tf.int64), schema, "label")

    assert found.dtype == tf.int64
    assert found.numpy().tolist() == [[1], [0], [1]]
