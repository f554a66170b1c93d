"""Trainer's user code for reviews."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from trainer_modules.imdb import features as f
from trainer_modules.imdb import networks, ngram_training
from trainer_modules.imdb.parameters import ImdbParameters
from trainer_modules.imdb.vocabulary import Vocabulary, most_frequent
from trainer_modules.shared.export import Signature, classification
from trainer_modules.shared.preprocessing import dense
from trainer_modules.shared.training_run import Split, TrainingRun

Logits = Callable[[dict[str, Any]], tf.Tensor]
"""Transformed features -> float32 [n]."""

_ROWS = 1024
"""The number of reviews per batch where the batch size does not affect the model."""


def run_fn(fn_args: Any) -> None:
    """Trains and exports; called by TFX's Trainer.

    Args:
        fn_args: TFX's `FnArgs`; see `TrainingRun.from_fn_args`.
    """
    run = TrainingRun.from_fn_args(fn_args, ImdbParameters, f.LABEL)
    track, logits = train(run)
    export(run, track, logits)


def train(run: TrainingRun[ImdbParameters]) -> tuple[list[Any], Logits]:
    """Trains the model of `model_type`.

    Args:
        run: The training.

    Returns:
        The objects that contain the model's variables, and the function that computes its logits.
    """
    return (_train_ngrams if run.parameters.model_type == "ngram" else _train_network)(run)


def export(run: TrainingRun[ImdbParameters], track: list[Any], logits: Logits) -> None:
    """Writes the SavedModel; its signature `text` takes raw reviews.

    Args:
        run: The training.
        track: From `train`.
        logits: From `train`.
    """

    def scores(features: dict[str, Any]) -> tf.Tensor:
        probability = tf.sigmoid(logits(features))
        return tf.stack([1 - probability, probability], axis=1)

    run.export(
        classification(scores, run.classes),
        track=track,
        signatures={
            "text": Signature(
                tf.TensorSpec([None], tf.string, "text"),
                lambda text: run.transform({f.TEXT: text[:, tf.newaxis]}),
            )
        },
        slices=slices,
    )


def slices(features: dict[str, Any]) -> dict[str, tf.Tensor]:
    """Derives the features that the Evaluator slices by.

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


def _train_ngrams(run: TrainingRun[ImdbParameters]) -> tuple[list[Any], Logits]:
    train, evaluation = (run.batches(split, _ROWS) for split in ("train", "eval"))
    model = ngram_training.train(
        train.map(lambda row, label: (row[f.WORDS], label)),
        evaluation.map(lambda row, label: (row[f.WORDS], label)),
        train.concatenate(evaluation).map(lambda row, _: row[f.TEXT][:, 0]),
        run.parameters,
        run.seed,
        run.log_dir,
    )
    return [model], lambda row: model.logits(row[f.WORDS])


def _train_network(run: TrainingRun[ImdbParameters]) -> tuple[list[Any], Logits]:
    parameters = run.parameters
    track, prepare, model = _network(
        parameters, run.batches("train", _ROWS).map(lambda row, label: (row[f.WORDS], label))
    )

    def prepared(split: Split, *, shuffle: bool) -> tf.data.Dataset:
        return run.batches(split, parameters.batch_size, shuffle=shuffle).map(
            lambda row, label: (prepare(row), label), num_parallel_calls=tf.data.AUTOTUNE
        )

    run.fit(
        model,
        prepared("train", shuffle=True),
        prepared("eval", shuffle=False),
        monitor="val_log_loss",
    )
    return [*track, model], lambda row: model(prepare(row), training=False)[:, 0]


def _network(
    parameters: ImdbParameters, words: tf.data.Dataset
) -> tuple[list[Any], Callable[[dict[str, Any]], tf.Tensor], keras.Model]:
    """Returns what the input depends on, the function that prepares it, and the network."""
    if parameters.model_type == "saved_embedding":
        return [], lambda row: row[f.TEXT][:, 0], networks.saved_embedding(parameters)
    vocabulary = Vocabulary(most_frequent(words, parameters.vocabulary))
    if parameters.model_type == "multi_hot":
        model = networks.multi_hot(parameters, vocabulary.size)
        return [vocabulary], lambda row: vocabulary.present(row[f.WORDS]), model
    model = networks.embedding(parameters, vocabulary.size)
    return [vocabulary], lambda row: vocabulary.last(row[f.WORDS], parameters.length), model
