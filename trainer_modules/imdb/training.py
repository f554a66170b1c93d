"""Trainer's user code for reviews."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
import tensorflow_transform as tft

from schemas.reader import read_schema
from trainer_modules.imdb import features as f
from trainer_modules.imdb import networks, ngram_training
from trainer_modules.imdb.parameters import ImdbParameters
from trainer_modules.imdb.vocabulary import Vocabulary, most_frequent
from trainer_modules.shared.datasets import raw_batches
from trainer_modules.shared.export import Signature, export_classifier
from trainer_modules.shared.preprocessing import dense
from trainer_modules.shared.training import fit, resume_folder
from trainer_modules.shared.transform import TransformGraph

Logits = Callable[[dict[str, Any]], tf.Tensor]
"""Transformed features -> float32 [n]."""

_ROWS = 1024
"""Reviews that are read at once where the model knows no batches."""


def run_fn(fn_args: Any) -> None:
    """Trains and exports; called by TFX's Trainer.

    Args:
        fn_args: TFX's `FnArgs`. `custom_config` holds `parameters` (fields of `ImdbParameters`),
            `seed` and `checkpoints` (folder of resumable state).
    """
    transform = TransformGraph(tft.TFTransformOutput(fn_args.transform_output))
    track, logits = train(fn_args, transform)
    export(track, logits, transform, fn_args)


def train(fn_args: Any, transform: TransformGraph) -> tuple[list[Any], Logits]:
    """Trains the model that the hyper-parameters name.

    Args:
        fn_args: As for `run_fn`.
        transform: Raw features -> what the model reads.

    Returns:
        What holds the model's variables, and the model.
    """
    config = fn_args.custom_config
    parameters = ImdbParameters(**config["parameters"])
    keras.utils.set_random_seed(config["seed"])
    schema = read_schema(fn_args.schema_path)

    def batches(files: Sequence[str], size: int, seed: int | None = None) -> tf.data.Dataset:
        return raw_batches(files, schema, f.LABEL, transform, size, seed)

    train_kind = _train_ngrams if parameters.model_type == "ngram" else _train_network
    return train_kind(fn_args, parameters, batches)


def export(track: list[Any], logits: Logits, transform: TransformGraph, fn_args: Any) -> None:
    """Writes the SavedModel; its signature `text` takes raw reviews.

    Args:
        track: From `train`.
        logits: From `train`.
        transform: As for `train`.
        fn_args: As for `run_fn`.
    """

    def scores(features: dict[str, Any]) -> tf.Tensor:
        probability = tf.sigmoid(logits(transform(features)))
        return tf.stack([1 - probability, probability], axis=1)

    export_classifier(
        fn_args.serving_model_dir,
        track=[*track, transform],
        scores=scores,
        schema=read_schema(fn_args.schema_path),
        label=f.LABEL,
        signatures={
            "text": Signature(
                tf.TensorSpec([None], tf.string, "text"),
                lambda text: scores({f.TEXT: text[:, tf.newaxis]}),
            )
        },
        slices=slices,
    )


def slices(features: dict[str, Any]) -> dict[str, tf.Tensor]:
    """Derives what the Evaluator slices by.

    Args:
        features: Raw features by name.

    Returns:
        `length_quartile` and `rating_band`, each string [n, 1].
    """
    length = tf.strings.split(dense(features[f.TEXT], "")[:, 0]).row_lengths()
    rating = tf.cast(dense(features[f.RATING], 0)[:, 0], tf.int64)
    return {
        name: tf.gather(names, tf.searchsorted(tf.constant(ends, tf.int64), values))[:, tf.newaxis]
        for name, values, ends, names in (
            (f.LENGTH_QUARTILE, length, f.LENGTH_QUARTILES, f.LENGTH_NAMES),
            (f.RATING_BAND, rating, f.RATING_BANDS, f.RATING_NAMES),
        )
    }


def _train_ngrams(
    fn_args: Any, parameters: ImdbParameters, batches: Callable[..., tf.data.Dataset]
) -> tuple[list[Any], Logits]:
    train, evaluation = (
        batches(files, _ROWS) for files in (fn_args.train_files, fn_args.eval_files)
    )
    model = ngram_training.train(
        train.map(lambda row, label: (row[f.WORDS], label)),
        evaluation.map(lambda row, label: (row[f.WORDS], label)),
        train.concatenate(evaluation).map(lambda row, _: row[f.TEXT][:, 0]),
        parameters,
        fn_args.custom_config["seed"],
        Path(fn_args.model_run_dir),
    )
    return [model], lambda row: model.logits(row[f.WORDS])


def _train_network(
    fn_args: Any, parameters: ImdbParameters, batches: Callable[..., tf.data.Dataset]
) -> tuple[list[Any], Logits]:
    track, prepare, model = _network(
        parameters, batches(fn_args.train_files, _ROWS).map(lambda row, y: (row[f.WORDS], y))
    )

    def prepared(files: Sequence[str], seed: int | None = None) -> tf.data.Dataset:
        return batches(files, parameters.batch_size, seed).map(
            lambda row, label: (prepare(row), label), num_parallel_calls=tf.data.AUTOTUNE
        )

    fit(
        model,
        prepared(fn_args.train_files, fn_args.custom_config["seed"]),
        prepared(fn_args.eval_files),
        epochs=parameters.epochs,
        patience=parameters.patience,
        monitor="val_log_loss",
        mode="min",
        resume=resume_folder(fn_args),
        log_dir=Path(fn_args.model_run_dir),
    )
    return [*track, model], lambda row: model(prepare(row), training=False)[:, 0]


def _network(
    parameters: ImdbParameters, words: tf.data.Dataset
) -> tuple[list[Any], Callable[[dict[str, Any]], tf.Tensor], keras.Model]:
    """Returns what the network's input needs, how to make it of transformed features, and it."""
    if parameters.model_type == "saved_embedding":
        return [], lambda row: row[f.TEXT][:, 0], networks.saved_embedding(parameters)
    vocabulary = Vocabulary(most_frequent(words, parameters.vocabulary))
    if parameters.model_type == "multi_hot":
        model = networks.multi_hot(parameters, vocabulary.size)
        return [vocabulary], lambda row: vocabulary.present(row[f.WORDS]), model
    model = networks.embedding(parameters, vocabulary.size)
    return [vocabulary], lambda row: vocabulary.last(row[f.WORDS], parameters.length), model
