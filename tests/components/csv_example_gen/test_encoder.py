"""The encoder, compared with protobuf and tfx_bsl."""

import itertools
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from tfx_bsl.coders import example_coder

from components.csv_example_gen.encoder import encode

INTS = [0, 1, -1, 127, 128, 2**63 - 1, -(2**63), None]
FLOATS = [0.0, -0.0, 1.5, -3.4028234663852886e38, 1e-45, 0.1, 3.0, None]
STRINGS = ["", "a", "Caf\u00e9", "x" * 127, "x" * 128, "x" * 20_000, "a", None]
COLUMNS = {
    "height": pa.array(FLOATS, pa.float32()),
    "age": pa.array(INTS, pa.int64()),
    "age_of_house": pa.array(INTS[::-1], pa.int64()),
    "a" * 200: pa.array(STRINGS, pa.string()),
}
TYPES = {
    pa.int64(): ("int64_list", tf.train.Int64List),
    pa.float32(): ("float_list", tf.train.FloatList),
    pa.string(): ("bytes_list", tf.train.BytesList),
}


def feature(value: Any, kind: pa.DataType) -> tf.train.Feature:
    if value is None:
        return tf.train.Feature()
    field, values = TYPES[kind]
    value = value.encode() if isinstance(value, str) else value
    return tf.train.Feature(**{field: values(value=[value])})


def expected(batch: pa.RecordBatch) -> list[tf.train.Example]:
    """The rows, put together value by value."""
    return [
        tf.train.Example(
            features=tf.train.Features(
                feature={name: feature(row[name], batch.schema.field(name).type) for name in row}
            )
        )
        for row in batch.to_pylist()
    ]


@pytest.mark.parametrize(
    "names", list(itertools.permutations(COLUMNS))[::5], ids=lambda n: n[0][:9]
)
def test_rows_are_what_protobuf_makes_of_them(names):
    batch = pa.record_batch({name: COLUMNS[name] for name in names})

    encoded = encode(batch)

    assert [tf.train.Example.FromString(row) for row in encoded] == expected(batch)
    assert encoded == [row.SerializeToString(deterministic=True) for row in expected(batch)]


def test_slices_of_a_batch_are_encoded_alike():
    batch = pa.record_batch(COLUMNS)

    assert [row for start in range(8) for row in encode(batch.slice(start, 1))] == encode(batch)


def test_every_bit_of_a_float_is_kept():
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2**32, 10_000, dtype=np.uint32)
    numbers = bits.view(np.float32)
    numbers = numbers[np.isfinite(numbers)]

    encoded = encode(pa.record_batch({"x": pa.array(numbers)}))

    parsed = tf.io.parse_example(encoded, {"x": tf.io.FixedLenFeature([], tf.float32)})["x"]
    assert parsed.numpy().tobytes() == numbers.tobytes()


def test_tfx_bsl_reads_what_was_encoded():
    batch = pa.record_batch(COLUMNS)

    decoded = example_coder.ExamplesToRecordBatchDecoder().DecodeBatch(encode(batch))

    for name, column in COLUMNS.items():
        values = [None if value is None else value[0] for value in decoded[name].to_pylist()]
        if column.type == pa.string():
            values = [None if value is None else value.decode() for value in values]
        assert pa.array(values, column.type).equals(column)


def test_a_batch_may_be_empty():
    assert encode(pa.record_batch(COLUMNS).slice(0, 0)) == []
