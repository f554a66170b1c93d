"""Parses the CSV rows that clients send to a served model."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.tf_metadata import schema_utils

from schemas.reader import served_features

_LINE_BREAK = r"\r?\n$"
_INTEGER = r"[+-]?[0-9]+(\.0*)?"
_FLOAT = r"[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|(?i:nan|inf|infinity))"

_LONG = r"(?s)^(.{149}).{4,}(.{148})$"
"""A value of more than 300 characters."""


class _Check(NamedTuple):
    """A check of all values in some columns.

    Attributes:
        passed: Whether each value passed the check, bool [n, columns].
        problem: The end of the message about a value that did not pass. It contains no quotes,
            since TensorFlow would print a backslash before each of them.
        values: The values to quote in the message, string [n, columns]; None quotes none.
    """

    passed: tf.Tensor
    problem: str
    values: tf.Tensor | None = None


def parse_rows(
    rows: tf.Tensor,
    schema: schema_pb2.Schema,
    inputs: Collection[str],
    nulls: Sequence[str] = (),
) -> dict[str, Any]:
    """Parses CSV rows into the features that `tf.io.parse_example` returns for the same rows.

    Columns of the same type are converted together. A dozen operations per column would take longer
    than most models.

    Args:
        rows: The served columns in the schema's order, string [n]; a line break at the end is
            ignored.
        schema: The names, order, and types of the columns.
        inputs: The columns to return. The others may contain anything.
        nulls: Fields that stand for a missing value, in addition to the empty field.

    Returns:
        Raw features by name.

    Raises:
        tf.errors.InvalidArgumentError: A row has the wrong number of fields, a required value is
            missing, or a value does not have its column's type.
    """
    served = served_features(schema)
    spec = schema_utils.schema_as_feature_spec(schema).feature_spec
    fields = tf.io.decode_csv(
        tf.strings.regex_replace(rows, _LINE_BREAK, ""), [tf.constant([""])] * len(served)
    )
    features = {}
    for dtype in (tf.string, tf.int64, tf.float32):
        names = [name for name in served if name in inputs and spec[name].dtype == dtype]
        if not names:
            continue
        text = tf.strings.strip(tf.stack([fields[served.index(name)] for name in names], axis=1))
        missing = tf.reduce_any(text[:, :, tf.newaxis] == tf.constant(["", *nulls]), axis=2)
        optional = tf.constant([isinstance(spec[name], tf.io.VarLenFeature) for name in names])
        is_there = _Check(~missing | optional, "a value is missing. Send one in each row.")
        text = _require(is_there, text, names)
        values = _convert(tf.where(missing, "0", text), names, dtype)
        for column, name in enumerate(names):
            features[name] = (
                _sparse(values[:, column], ~missing[:, column])
                if isinstance(spec[name], tf.io.VarLenFeature)
                else values[:, column : column + 1]
            )
    return features


def _convert(text: tf.Tensor, names: Sequence[str], dtype: tf.DType) -> tf.Tensor:
    """Converts columns, string [n, columns]."""
    if dtype == tf.string:
        return text
    if dtype == tf.float32:
        is_valid = tf.strings.regex_full_match(text, _FLOAT)
        text = _require(_Check(is_valid, "not a number. Send a number.", text), text, names)
        return tf.strings.to_number(tf.strings.regex_replace(text, r"^\+", ""), dtype)
    is_valid = tf.strings.regex_full_match(text, _INTEGER)
    digits = tf.strings.regex_replace(text, r"^\+|\.0*$", "")
    size = tf.abs(tf.strings.to_number(tf.where(is_valid, digits, "0"), tf.float64))
    is_valid &= size < 2.0**63
    check = _Check(is_valid, "not a whole number of 64 bits. Send a whole number.", text)
    digits = _require(check, digits, names)
    return tf.strings.to_number(digits, dtype)


def _require(check: _Check, text: tf.Tensor, names: Sequence[str]) -> tf.Tensor:
    """Returns the columns, string [n, columns], or fails if a value does not pass the check."""
    place = tf.where(~check.passed)[:1]
    message = [
        "Row ",
        tf.strings.as_string(place[:, 0] + 1),
        ", column ",
        tf.gather(tf.constant(names), place[:, 1]),
        ": ",
    ]
    if check.values is not None:
        value = tf.gather_nd(check.values, place)
        message += [tf.strings.regex_replace(value, _LONG, r"\1...\2"), " is "]
    failed = tf.debugging.Assert(
        tf.reduce_all(check.passed), [tf.strings.join([*message, check.problem])]
    )
    with tf.control_dependencies([failed]):
        # Otherwise the conversion of an invalid value might fail first.
        return tf.where(check.passed, text, "0")


def _sparse(values: tf.Tensor, is_there: tf.Tensor) -> tf.SparseTensor:
    """Returns the values [n] that are present as one column."""
    places = tf.where(is_there)
    return tf.SparseTensor(
        tf.pad(places, [[0, 0], [0, 1]]),
        tf.gather_nd(values, places),
        tf.stack([tf.size(values, tf.int64), tf.constant(1, tf.int64)]),
    )
