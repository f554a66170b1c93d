"""Encodes values as tf.Examples."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

Value = int | float | str | bytes | None


def encode_features(values: Mapping[str, Value]) -> tf.train.Features:
    """Returns features of one value each. None becomes a feature without a value."""
    return tf.train.Features(feature={name: _feature(value) for name, value in values.items()})


def serialize_example(values: Mapping[str, Value]) -> bytes:
    """Returns a tf.Example as bytes. Equal values give equal bytes, and so the same split."""
    example = tf.train.Example(features=encode_features(values))
    return example.SerializeToString(deterministic=True)


def _feature(value: Value) -> tf.train.Feature:
    match value:
        case int():
            return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))
        case float():
            return tf.train.Feature(float_list=tf.train.FloatList(value=[value]))
        case str():
            return _feature(value.encode())
        case bytes():
            return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
    return tf.train.Feature()
