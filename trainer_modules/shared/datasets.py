"""Reads raw Examples as tf.data data sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.tf_metadata import schema_utils

from schemas.reader import domain
from trainer_modules.shared.tuning import untuned

SHUFFLE_ROWS = 100_000
"""Rows kept in memory for shuffling: all of a small data set, a window of a large one."""

_ROWS_AT_ONCE = 4096

_Parse = Callable[[tf.Tensor], Any]
"""Serialized Examples, string [batch] -> prepared features and target."""


def raw_batches(
    file_patterns: Sequence[str],
    schema: schema_pb2.Schema,
    label: str,
    prepare: Callable[[dict[str, Any]], Any],
    batch_size: int,
    shuffle_seed: int | None = None,
) -> tf.data.Dataset:
    """Reads raw Examples and prepares them for a model.

    Up to SHUFFLE_ROWS rows are prepared once and kept in memory. More rows, and sparse features
    such as texts split into words, are prepared again in each epoch.

    Args:
        file_patterns: Globs of gzipped TFRecord files.
        schema: The features and their types.
        label: The feature that becomes the target.
        prepare: Turns raw features by name, dense [batch, 1] or sparse, into the model's input.
        batch_size: The number of rows per batch.
        shuffle_seed: The random seed for shuffling in each epoch. None keeps the order.

    Returns:
        Batches of (prepared features; target, [batch, 1], see `target`).
    """
    spec = schema_utils.schema_as_feature_spec(schema).feature_spec

    @tf.autograph.experimental.do_not_convert
    def parse(batch: tf.Tensor) -> tuple[Any, tf.Tensor]:
        features = tf.io.parse_example(batch, spec)
        raw_label = features.pop(label)
        return prepare(features), target(raw_label, schema, label)

    files = tf.data.Dataset.list_files(list(file_patterns), shuffle=False)
    records = untuned(tf.data.TFRecordDataset(files, compression_type="GZIP"))
    count = int(records.reduce(tf.constant(0, tf.int64), lambda count, _: count + 1))
    if count <= SHUFFLE_ROWS:
        in_order = _streamed(records, count, parse, _ROWS_AT_ONCE, None)
        specs = tf.nest.flatten(in_order.element_spec)
        if all(isinstance(spec, tf.TensorSpec) for spec in specs):
            return _held(in_order, count, batch_size, shuffle_seed)
    return _streamed(records, count, parse, batch_size, shuffle_seed)


def target(values: tf.Tensor, schema: schema_pb2.Schema, label: str) -> tf.Tensor:
    """Turns raw labels into training targets.

    Args:
        values: The raw labels, [n, 1].
        schema: The schema; the domain of `label` lists the classes, unless it is a FLOAT.
        label: The name of the label.

    Returns:
        float32 [n, 1] if the label is a FLOAT, else the index of the class, int64 [n, 1].
    """
    if values.dtype == tf.float32:
        return values
    names = values if values.dtype == tf.string else tf.strings.as_string(values)
    # No label is outside the domain, because the data gate refuses such data.
    return tf.argmax(names == tf.constant([domain(schema, label)]), axis=1)[:, tf.newaxis]


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
    batches: tf.data.Dataset, count: int, batch_size: int, shuffle_seed: int | None
) -> tf.data.Dataset:
    """Holds all rows in memory. Their order is the same as in `_streamed`."""
    rows = tf.nest.map_structure(lambda *parts: tf.concat(parts, axis=0), *batches)
    order = untuned(tf.data.Dataset.range(count))
    if shuffle_seed is not None:
        order = order.shuffle(SHUFFLE_ROWS, seed=shuffle_seed)
    return (
        order.batch(batch_size)
        .map(lambda chosen: tf.nest.map_structure(lambda part: tf.gather(part, chosen), rows))
        .prefetch(tf.data.AUTOTUNE)
    )
