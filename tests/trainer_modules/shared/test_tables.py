"""Raw Examples become tables."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from trainer_modules.shared import tables
from trainer_modules.shared.preprocessing import TABLE, dense_table
from trainer_modules.shared.tables import Share, table_batches

SCHEMA = text_format.Parse(
    """
    feature { name: "charge" type: FLOAT value_count { min: 1 max: 1 } }
    feature { name: "mass" type: FLOAT value_count { min: 1 max: 1 } }
    feature {
      name: "kind" type: BYTES presence { min_fraction: 1 } shape { dim { size: 1 } }
      string_domain { name: "kind" value: "background" value: "signal" }
    }
    """,
    schema_pb2.Schema(),
)
TINY = 1e-41  # denormal
ROWS = [
    {"mass": 1.5, "charge": -1.0, "kind": "signal"},
    {"mass": TINY, "charge": None, "kind": "background"},
    {"charge": 2.0, "mass": -0.0, "kind": "signal"},
    {"kind": "background", "mass": 4.0},
    {"kind": "signal", "charge": 5.0, "mass": 6.0},
]


def example(row: dict) -> bytes:
    features = {}
    for name, value in row.items():
        if isinstance(value, str):
            features[name] = tf.train.Feature(bytes_list={"value": [value.encode()]})
        elif value is None:
            features[name] = tf.train.Feature()  # as tfx_bsl writes it
        else:
            features[name] = tf.train.Feature(float_list={"value": [value]})
    return tf.train.Example(features={"feature": features}).SerializeToString()


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """The rows in two files."""
    for number, part in enumerate((ROWS[:3], ROWS[3:])):
        with tf.io.TFRecordWriter(str(tmp_path / f"data-{number}.gz"), "GZIP") as writer:
            for row in part:
                writer.write(example(row))
    return [str(tmp_path / "data-*")]


def batches_of(files: list[str], *names: str, **options) -> tf.data.Dataset:
    def transform(row):
        return {TABLE: dense_table(row, names, float("nan"))}

    return table_batches(files, SCHEMA, "kind", transform, **options)


def whole(batches: tf.data.Dataset) -> tuple[np.ndarray, np.ndarray]:
    parts = list(batches.as_numpy_iterator())
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def test_columns_are_the_features_asked_for_in_the_order_of_the_rows(files):
    table, labels = whole(batches_of(files, "charge", "mass"))
    assert table.dtype == labels.dtype == np.float32
    expected = [[-1, 1.5], [np.nan, TINY], [2, -0.0], [np.nan, 4], [5, 6]]
    # As integers, since a comparison of floats might treat denormal numbers as zero.
    np.testing.assert_array_equal(
        np.nan_to_num(table).view(np.int32), np.nan_to_num(np.float32(expected)).view(np.int32)
    )
    np.testing.assert_array_equal(np.isnan(table), np.isnan(expected))
    np.testing.assert_array_equal(labels, [1, 0, 1, 0, 1])


def test_rows_come_in_batches(files, monkeypatch):
    monkeypatch.setattr(tables, "ROWS_PER_BATCH", 2)
    batches = batches_of(files, "mass")
    assert [len(labels) for _, labels in batches.as_numpy_iterator()] == [2, 2, 1]


def test_what_is_cached_is_not_read_again(files, tmp_path):
    batches = batches_of(files, "charge", "mass", cache=tmp_path / "cache")
    first = whole(batches)
    for file in tmp_path.glob("data-*"):
        file.unlink()
    for ours, theirs in zip(whole(batches), first, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_workers_read_all_rows_once(files, workers):
    """With three, there are more workers than files."""
    shares = [
        whole(batches_of(files, "mass", share=Share(rank, workers)))[0] for rank in range(workers)
    ]
    assert min(len(share) for share in shares) > 0
    found = sorted(float(value) for share in shares for value in share[:, 0])
    assert found == sorted(float(np.float32(row.get("mass", np.nan))) for row in ROWS)
