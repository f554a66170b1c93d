"""Exports classifiers that take raw features, with the signatures that users call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.tf_metadata import schema_utils

from trainer_modules.shared.schema import domain

Features = dict[str, Any]


def export_classifier(
    path: str,
    *,
    track: Sequence[Any],
    scores: Callable[[Features], tf.Tensor],
    schema: schema_pb2.Schema,
    label: str,
    csv_nulls: Sequence[str] | None,
) -> None:
    """Writes a SavedModel that needs nothing but stock TensorFlow.

    All signatures return `scores`, float32 [n, classes], and `classes`, string [n, classes], as TF
    Serving's classification has it:

    * `serving_default`: `examples`, serialized tf.train.Examples of raw features, string [n].
    * `csv`: `rows`, lines of the raw columns in the schema's order without the label, string [n].

    Args:
        path: Folder to write.
        track: Models and layers that `scores` uses.
        scores: Raw features by name (dense [n, 1] or sparse) -> float32 [n, classes].
        schema: Types of the raw features; its domain of `label` names the classes.
        label: The label's name.
        csv_nulls: Fields that mean "no value" in a CSV line; None leaves out the `csv` signature.
    """
    module = tf.Module()
    module.tracked = list(track)
    spec = schema_utils.schema_as_feature_spec(schema).feature_spec
    del spec[label]
    classes = tf.constant([domain(schema, label)])

    def classify(features: Features) -> dict[str, tf.Tensor]:
        values = scores(features)
        return {"scores": values, "classes": tf.tile(classes, [tf.shape(values)[0], 1])}

    # Autograph would take seconds to rewrite all of Keras, and there is nothing to convert.
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "examples")], autograph=False)
    def serving_default(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        return classify(tf.io.parse_example(examples, spec))

    signatures = {"serving_default": serving_default}
    if csv_nulls is not None:
        names = [feature.name for feature in schema.feature if feature.name != label]
        nulls = tuple(csv_nulls)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "rows")], autograph=False)
        def csv(rows: tf.Tensor) -> dict[str, tf.Tensor]:
            return classify(_parse_csv(rows, names, spec, nulls))

        signatures["csv"] = csv
    tf.saved_model.save(module, path, signatures=signatures)


def _parse_csv(
    rows: tf.Tensor, names: Sequence[str], spec: dict[str, Any], nulls: Sequence[str]
) -> Features:
    """Parses CSV lines into what `tf.io.parse_example` makes of the same rows."""
    fields = tf.io.decode_csv(rows, [tf.constant([""])] * len(names))
    features = {}
    for name, field in zip(names, fields, strict=True):
        text = tf.strings.strip(field)
        missing = tf.reduce_any([tf.equal(text, null) for null in ("", *nulls)], axis=0)
        if isinstance(spec[name], tf.io.VarLenFeature):
            rows_with_value = tf.where(~missing)
            places = tf.pad(rows_with_value, [[0, 0], [0, 1]])
            features[name] = tf.SparseTensor(
                places,
                _convert(tf.gather_nd(text, rows_with_value), spec[name].dtype),
                tf.stack([tf.size(text, tf.int64), tf.constant(1, tf.int64)]),
            )
        else:
            present = tf.debugging.Assert(
                ~tf.reduce_any(missing), [f"'{name}' has no value in one of the rows"]
            )
            with tf.control_dependencies([present]):
                features[name] = _convert(text, spec[name].dtype)[:, tf.newaxis]
    return features


def _convert(text: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    return text if dtype == tf.string else tf.strings.to_number(text, dtype)
