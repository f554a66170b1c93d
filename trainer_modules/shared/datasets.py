"""Examples, transformed or raw, as tf.data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.tf_metadata import schema_utils

from trainer_modules.shared.schema import domain

SHUFFLE_ROWS = 100_000
"""Rows held for shuffling: all of a small data set, a bounded window of a large one."""

_ROWS_AT_ONCE = 4096

_Parse = Callable[[tf.Tensor], Any]
"""Serialized Examples, string [batch] -> what the model reads, and the label."""


def transformed_batches(
    file_patterns: Sequence[str],
    transform_output: tft.TFTransformOutput,
    label: str,
    batch_size: int,
    shuffle_seed: int | None = None,
) -> tf.data.Dataset:
    """Reads what Transform materialized.

    Args:
        file_patterns: Globs of gzipped TFRecord files.
        transform_output: Tells the features and their types.
        label: The feature that becomes the target.
        batch_size: Rows per batch.
        shuffle_seed: Shuffles anew in each epoch, reproducibly; None keeps the order.

    Returns:
        Batches of (features by name, each [batch, 1]; label [batch, 1]).
    """
    spec = transform_output.transformed_feature_spec()

    def parse(batch: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        features = tf.io.parse_example(batch, spec)
        return features, features.pop(label)

    records, count = _records(file_patterns)
    return _streamed(records, count, parse, batch_size, shuffle_seed)


def raw_batches(
    file_patterns: Sequence[str],
    schema: schema_pb2.Schema,
    label: str,
    prepare: Callable[[dict[str, Any]], Any],
    batch_size: int,
    shuffle_seed: int | None = None,
) -> tf.data.Dataset:
    """Reads raw Examples and prepares them, up to SHUFFLE_ROWS only once, else in each epoch.

    Args:
        file_patterns: Globs of gzipped TFRecord files.
        schema: The features and their types.
        label: The feature that becomes the target; its domain gives the classes.
        prepare: Turns raw features by name, dense [batch, 1] or sparse, into what the model reads,
            dense.
        batch_size: Rows per batch.
        shuffle_seed: Shuffles anew in each epoch, reproducibly; None keeps the order.

    Returns:
        Batches of (what `prepare` makes of the features; class of the label, int64 [batch, 1]).
    """
    spec = schema_utils.schema_as_feature_spec(schema).feature_spec
    classes = tf.constant([domain(schema, label)])

    def parse(batch: tf.Tensor) -> tuple[Any, tf.Tensor]:
        features = tf.io.parse_example(batch, spec)
        # No label is outside the domain: the gate lets none through.
        target = tf.argmax(features.pop(label) == classes, axis=1)
        return prepare(features), target[:, tf.newaxis]

    records, count = _records(file_patterns)
    arrange = _held if count <= SHUFFLE_ROWS else _streamed
    return arrange(records, count, parse, batch_size, shuffle_seed)


def _records(file_patterns: Sequence[str]) -> tuple[tf.data.Dataset, int]:
    files = tf.data.Dataset.list_files(list(file_patterns), shuffle=False)
    records = tf.data.TFRecordDataset(files, compression_type="GZIP")
    return records, int(records.reduce(tf.constant(0, tf.int64), lambda count, _: count + 1))


def _streamed(
    records: tf.data.Dataset, count: int, parse: _Parse, batch_size: int, shuffle_seed: int | None
) -> tf.data.Dataset:
    if shuffle_seed is not None:
        records = records.shuffle(SHUFFLE_ROWS, seed=shuffle_seed)
    # Parsing whole batches is several times as fast as parsing row by row.
    return (
        records.batch(batch_size)
        .map(parse, num_parallel_calls=tf.data.AUTOTUNE)
        .prefetch(tf.data.AUTOTUNE)
        .apply(tf.data.experimental.assert_cardinality(-(-count // batch_size)))
    )


def _held(
    records: tf.data.Dataset, count: int, parse: _Parse, batch_size: int, shuffle_seed: int | None
) -> tf.data.Dataset:
    """Holds all rows in memory and takes them in the order in which `_streamed` would."""
    batches = list(_streamed(records, count, parse, _ROWS_AT_ONCE, None))
    rows = tf.nest.map_structure(lambda *parts: tf.concat(parts, axis=0), *batches)
    order = tf.data.Dataset.range(count)
    if shuffle_seed is not None:
        order = order.shuffle(SHUFFLE_ROWS, seed=shuffle_seed)
    return (
        order.batch(batch_size)
        .map(lambda chosen: tf.nest.map_structure(lambda part: tf.gather(part, chosen), rows))
        .prefetch(tf.data.AUTOTUNE)
    )
