"""Exports classifiers that take raw features, with the signatures that users call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.tf_metadata import schema_utils

from schemas.reader import domain, served_features

Features = dict[str, Any]
"""Raw features by name, dense [n, 1] or sparse."""

Scores = Callable[[Features], tf.Tensor]
"""Raw features that are known in serving -> float32 [n, classes]."""


class Signature(NamedTuple):
    """A way to ask for scores.

    Attributes:
        spec: Of the only argument, with its name.
        scores: Argument -> float32 [n, classes].
    """

    spec: tf.TensorSpec
    scores: Callable[[tf.Tensor], tf.Tensor]


def export_classifier(
    path: str,
    *,
    track: Sequence[Any],
    scores: Scores,
    schema: schema_pb2.Schema,
    label: str,
    signatures: Mapping[str, Signature] | None = None,
    slices: Callable[[Features], dict[str, tf.Tensor]] | None = None,
) -> None:
    """Writes a SavedModel that needs nothing but stock TensorFlow.

    Its signature `serving_default` takes `examples`, serialized tf.train.Examples of raw features,
    string [n]. Like all signatures but `slices` it returns `scores`, float32 [n, classes], and
    `classes`, string [n, classes], as TF Serving's classification has it.

    Args:
        path: Folder to write.
        track: Models and layers that `scores` uses.
        scores: Computes the scores.
        schema: Types of the raw features; its domain of `label` names the classes.
        label: The label's name.
        signatures: More ways to ask for scores, by name.
        slices: Derives features that the Evaluator slices by, string [n, 1], from raw features,
            also those that serving lacks. Exported as the signature `slices` of `examples`.
    """
    module = tf.Module()
    module.tracked = list(track)
    spec = schema_utils.schema_as_feature_spec(schema).feature_spec
    del spec[label]
    served_spec = {name: kind for name, kind in spec.items() if name in served_features(schema)}
    classes = tf.constant([domain(schema, label)])
    examples = tf.TensorSpec([None], tf.string, "examples")

    def function(signature: Signature) -> Any:
        def classify(argument: tf.Tensor) -> dict[str, tf.Tensor]:
            values = signature.scores(argument)
            return {"scores": values, "classes": tf.tile(classes, [tf.shape(values)[0], 1])}

        return _traced(classify, signature.spec)

    functions = {
        "serving_default": function(
            Signature(examples, lambda given: scores(tf.io.parse_example(given, served_spec)))
        ),
        **{name: function(signature) for name, signature in (signatures or {}).items()},
    }
    if slices is not None:
        functions["slices"] = _traced(
            lambda given: slices(tf.io.parse_example(given, spec)), examples
        )
    tf.saved_model.save(module, path, signatures=functions)


def csv_signature(
    scores: Scores, schema: schema_pb2.Schema, nulls: Sequence[str] = ()
) -> Signature:
    """Returns the signature of `rows`: lines of the served columns in the schema's order.

    Args:
        scores: As for `export_classifier`.
        schema: Names, order and types of the columns.
        nulls: Fields that mean "no value", besides the empty one.
    """
    names = served_features(schema)
    spec = schema_utils.schema_as_feature_spec(schema).feature_spec
    return Signature(
        tf.TensorSpec([None], tf.string, "rows"),
        lambda rows: scores(_parse_csv(rows, names, spec, nulls)),
    )


def _traced(function: Callable[[tf.Tensor], Any], spec: tf.TensorSpec) -> Any:
    # Autograph would take seconds to rewrite all of Keras, and there is nothing to convert.
    return tf.function(function, input_signature=[spec], autograph=False)


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
