"""Building blocks of preprocessing functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2

from schemas.reader import domain

TABLE = "table"
"""The transformed feature that boosted trees read: float32 [n, columns], NaN where a value is
missing."""


def dense(tensor: tf.Tensor | tf.SparseTensor, default: int | float | str) -> tf.Tensor:
    """Returns a raw feature as a dense [n, 1] tensor, `default` where the row has no value."""
    if not isinstance(tensor, tf.SparseTensor):
        return tensor
    one_per_row = tf.SparseTensor(tensor.indices, tensor.values, [tensor.dense_shape[0], 1])
    return tf.sparse.to_dense(one_per_row, tf.cast(default, tensor.dtype))


def dense_table(
    features: Mapping[str, tf.Tensor | tf.SparseTensor], names: Sequence[str], default: float
) -> tf.Tensor:
    """Returns raw features as the columns of a table, float32 [n, names].

    Args:
        features: Raw features by name.
        names: The columns.
        default: The value that replaces missing values.
    """
    columns = [tf.cast(dense(features[name], default), tf.float32) for name in names]
    return tf.concat(columns, axis=1)


def domain_ids(
    tensor: tf.Tensor | tf.SparseTensor, schema: schema_pb2.Schema, name: str
) -> tf.Tensor:
    """Looks up strings in their domain in the schema.

    The schema fixes the vocabulary, so this needs no analyzer and no pass over the data.

    Args:
        tensor: Strings, dense [n, 1] or sparse [n, ?] with at most one value per row.
        schema: The schema that holds the domain.
        name: The feature's name in the schema.

    Returns:
        int64 [n, 1]: 1 + the index in the domain; 0 for a missing or an unknown value.
    """
    values = domain(schema, name)
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(
            tf.constant(values), tf.range(1, len(values) + 1, dtype=tf.int64)
        ),
        default_value=0,
    )
    return table.lookup(dense(tensor, ""))


def quantile_positions(values: tf.Tensor, boundaries: tf.Tensor) -> tf.Tensor:
    """Returns the positions of numbers among quantiles, linearly interpolated.

    Equivalent to `tft.apply_buckets_with_interpolation`, but for all columns at once. That function
    has forty operations per column, which take seconds to trace.

    Args:
        values: float32 [n, columns], finite.
        boundaries: float32 [columns, k], ascending, from `tft.quantiles`. Equal ones make a jump.

    Returns:
        float32 [n, columns] in [0, 1]: 0 up to the first boundary, 1 from the last on.
    """
    below, above = boundaries[:, :-1], boundaries[:, 1:]
    width = above - below
    value = values[:, :, tf.newaxis]
    filled = tf.where(
        width > 0,
        tf.clip_by_value(tf.math.divide_no_nan(value - below, width), 0.0, 1.0),
        tf.cast(value >= above, tf.float32),
    )
    return tf.reduce_mean(filled, axis=-1)
