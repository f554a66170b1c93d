"""Raw Examples as tf.data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.tf_metadata import schema_utils

from schemas.reader import domain
from trainer_modules.shared.tuning import untuned

SHUFFLE_ROWS = 100_000
"""Rows held for shuffling: all of a small data set, a bounded window of a large one."""

_ROWS_AT_ONCE = 4096

_Parse = Callable[[tf.Tensor], Any]
"""Serialized Examples, string [batch] -> what the model reads, and the label."""


def raw_batches(
    file_patterns: Sequence[str],
    schema: schema_pb2.Schema,
    label: str,
    prepare: Callable[[dict[str, Any]], Any],
    batch_size: int,
    shuffle_seed: int | None = None,
) -> tf.data.Dataset:
    """Reads raw Examples and prepares them: up to SHUFFLE_ROWS only once, else in each epoch.

    What becomes sparse, such as texts cut into words, is not held but prepared in each epoch.

    Args:
        file_patterns: Globs of gzipped TFRecord files.
        schema: The features and their types.
        label: The feature that becomes the target; its domain gives the classes.
        prepare: Turns raw features by name, dense [batch, 1] or sparse, into what the model reads.
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

    files = tf.data.Dataset.list_files(list(file_patterns), shuffle=False)
    records = untuned(tf.data.TFRecordDataset(files, compression_type="GZIP"))
    count = int(records.reduce(tf.constant(0, tf.int64), lambda count, _: count + 1))
    if count <= SHUFFLE_ROWS:
        in_order = _streamed(records, count, parse, _ROWS_AT_ONCE, None)
        specs = tf.nest.flatten(in_order.element_spec)
        if all(isinstance(spec, tf.TensorSpec) for spec in specs):
            return _held(in_order, count, batch_size, shuffle_seed)
    return _streamed(records, count, parse, batch_size, shuffle_seed)


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
    """Holds all rows in memory and takes them in the order in which `_streamed` would."""
    rows = tf.nest.map_structure(lambda *parts: tf.concat(parts, axis=0), *batches)
    order = untuned(tf.data.Dataset.range(count))
    if shuffle_seed is not None:
        order = order.shuffle(SHUFFLE_ROWS, seed=shuffle_seed)
    return (
        order.batch(batch_size)
        .map(lambda chosen: tf.nest.map_structure(lambda part: tf.gather(part, chosen), rows))
        .prefetch(tf.data.AUTOTUNE)
    )
