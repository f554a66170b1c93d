"""Exports models that take raw features, with the signatures that clients call."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.tf_metadata import schema_utils

from schemas.reader import served_features
from trainer_modules.shared.csv_rows import parse_rows

Features = dict[str, Any]
"""Features by name, dense [n, 1] or sparse."""


class Outputs(NamedTuple):
    """The outputs of a served model.

    Attributes:
        compute: Transformed features of n > 0 rows -> tensors by name, each [n, ...].
        specs: The tensors' types.
    """

    compute: Callable[[Features], dict[str, tf.Tensor]]
    specs: Mapping[str, tf.TensorSpec]


def classification(scores: Callable[[Features], tf.Tensor], classes: Sequence[str]) -> Outputs:
    """Returns the outputs `scores` and `classes`, as in TF Serving's classification API.

    Args:
        scores: Transformed features -> float32 [n, classes].
        classes: The names of the classes.
    """
    shape = [None, len(classes)]

    def compute(features: Features) -> dict[str, tf.Tensor]:
        values = scores(features)
        names = tf.tile(tf.constant([classes]), [tf.shape(values)[0], 1])
        return {"scores": values, "classes": names}

    return Outputs(
        compute,
        {"scores": tf.TensorSpec(shape, tf.float32), "classes": tf.TensorSpec(shape, tf.string)},
    )


def regression(predictions: Callable[[Features], tf.Tensor]) -> Outputs:
    """Returns the output `predictions`.

    Args:
        predictions: Transformed features -> float32 [n].
    """
    return Outputs(
        lambda features: {"predictions": predictions(features)},
        {"predictions": tf.TensorSpec([None], tf.float32)},
    )


class Signature(NamedTuple):
    """A way to call a model.

    Attributes:
        spec: The name and type of the only argument, [n, ...].
        features: Argument -> transformed features.
    """

    spec: tf.TensorSpec
    features: Callable[[tf.Tensor], Features]


class RawFeatures(NamedTuple):
    """The features that a model reads.

    Attributes:
        schema: The types of the raw features.
        transform: Raw features -> transformed features.
        inputs: The names of the raw features that `transform` reads.
    """

    schema: schema_pb2.Schema
    transform: Callable[[Features], Features]
    inputs: Collection[str]

    def examples_signature(self) -> Signature:
        """Returns the signature of `examples`: serialized tf.train.Examples, string [n]."""
        served = {*served_features(self.schema)} & {*self.inputs}
        spec = schema_utils.schema_as_feature_spec(self.schema).feature_spec
        spec = {name: kind for name, kind in spec.items() if name in served}
        return Signature(
            tf.TensorSpec([None], tf.string, "examples"),
            lambda examples: self.transform(tf.io.parse_example(examples, spec)),
        )

    def csv_signature(self, nulls: Sequence[str] = ()) -> Signature:
        """Returns the signature of `rows`: the served columns in the schema's order, string [n].

        Args:
            nulls: Fields that stand for a missing value, in addition to the empty field.
        """
        return Signature(
            tf.TensorSpec([None], tf.string, "rows"),
            lambda rows: self.transform(parse_rows(rows, self.schema, self.inputs, nulls)),
        )


def export_model(
    path: str,
    outputs: Outputs,
    raw: RawFeatures,
    *,
    label: str | None,
    track: Sequence[Any],
    signatures: Mapping[str, Signature] | None = None,
    slices: Callable[[Features], dict[str, tf.Tensor]] | None = None,
) -> None:
    """Writes a SavedModel that needs only stock TensorFlow.

    Its signature `serving_default` takes `examples`, serialized tf.train.Examples of raw features,
    string [n].

    Args:
        path: The folder to write.
        outputs: The outputs of all signatures except `slices`.
        raw: The features that the model reads.
        label: The name of the label, which is not a feature.
        track: Models, layers, and transforms that the functions use.
        signatures: Additional signatures by name.
        slices: Raw features -> the features that the Evaluator slices by, string [n, 1]. The raw
            features include those that are unknown in serving. The function becomes the signature
            `slices`, which takes `examples`.
    """
    module = tf.Module()
    module.tracked = list(track)
    calls = {"serving_default": raw.examples_signature(), **(signatures or {})}
    functions = {name: _served(outputs, call) for name, call in calls.items()}
    if slices is not None:
        spec = schema_utils.schema_as_feature_spec(raw.schema).feature_spec
        spec.pop(label, None)
        functions["slices"] = _traced(
            lambda examples: slices(tf.io.parse_example(examples, spec)),
            tf.TensorSpec([None], tf.string, "examples"),
        )
    tf.saved_model.save(module, path, signatures=functions)


def _served(outputs: Outputs, call: Signature) -> Any:
    def compute(argument: tf.Tensor) -> dict[str, tf.Tensor]:
        features = call.features(argument)
        return tf.cond(
            tf.shape(argument)[0] > 0,
            lambda: outputs.compute(features),
            # For zero images, oneDNN's convolutions (TensorFlow 2.21) return the wrong shape.
            lambda: {
                name: tf.zeros([0, *spec.shape[1:]], spec.dtype)
                for name, spec in outputs.specs.items()
            },
        )

    return _traced(compute, call.spec)


def _traced(function: Callable[[tf.Tensor], Any], spec: tf.TensorSpec) -> Any:
    # Autograph would take seconds to rewrite all of Keras, and there is nothing to convert.
    return tf.function(function, input_signature=[spec], autograph=False)
