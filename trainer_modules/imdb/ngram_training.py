"""Trains the n-gram model and shows what it has learned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

from trainer_modules.imdb import naive_bayes
from trainer_modules.imdb.ngrams import NgramModel, ngrams
from trainer_modules.imdb.parameters import ImdbParameters
from trainer_modules.imdb.preprocessing import hashed, words
from trainer_modules.shared.history import Curves, write_history
from trainer_modules.shared.insights import Insight, write_insight
from trainer_modules.shared.training import progress

SHOWN = 25
"""The number of n-grams of each sign in the chart."""


def train(
    train_rows: tf.data.Dataset,
    eval_rows: tf.data.Dataset,
    texts: tf.data.Dataset,
    parameters: ImdbParameters,
    seed: int,
    log_dir: Path,
) -> NgramModel:
    """Trains in one pass, without early stopping or resuming.

    The metrics on eval come from a model that has not seen eval. With `refit`, the model is then
    trained again on train and eval.

    Args:
        train_rows: Batches of (`words`, sparse int64 [batch, ?]; label, int64 [batch, 1]).
        eval_rows: Batches of the same kind.
        texts: The texts of train and eval, string [batch].
        parameters: The hyper-parameters.
        seed: The random seed of the solver.
        log_dir: The folder for `history.csv`, TensorBoard's event files, and the n-grams with the
            largest weights.
    """
    progress.info("counting n-grams")
    reviews = naive_bayes.read(train_rows, parameters.ngrams)
    progress.info("weighing %s n-grams", f"{len(reviews.numbers):,}")
    model = naive_bayes.learn(reviews, parameters, seed)
    figures = _figures(model, train_rows)
    figures |= {f"val_{name}": value for name, value in _figures(model, eval_rows).items()}
    progress.info("on eval: accuracy %(val_accuracy).4f, loss %(val_loss).4f", figures)
    write_history(log_dir, [figures])
    Curves(log_dir).add(0, figures)
    if parameters.refit:
        progress.info("training again, on train and eval")
        both = naive_bayes.together(reviews, naive_bayes.read(eval_rows, parameters.ngrams))
        model = naive_bayes.learn(both, parameters, seed)
    write_insight(log_dir, "ngrams", heaviest(model, texts))
    return model


def heaviest(model: NgramModel, texts: tf.data.Dataset) -> Insight:
    """Shows the n-grams with the largest weights.

    Args:
        model: The trained model.
        texts: The texts that it was trained on, string [batch].
    """
    numbers, weights = model.weights
    order = np.argsort(weights)
    shown = np.concatenate([order[::-1][:SHOWN], order[:SHOWN][::-1]])
    spelled = _spell(np.sort(numbers[shown]), texts, model.longest)
    return Insight(
        "N-grams with the largest weights",
        "The amount that a word or phrase adds to the log-odds of a positive review, before the "
        "review is scaled by its length: the highest weights, then the lowest.",
        [(spelled[int(numbers[index])], float(weights[index])) for index in shown],
    )


def _spell(wanted: np.ndarray, texts: tf.data.Dataset, longest: int) -> dict[int, str]:
    """Finds n-grams by their numbers, reading texts until all are found."""
    spelled: dict[int, str] = {}
    for batch in texts:
        spelling = words(batch)
        flat = spelling.flat_values.numpy()
        for more, found in enumerate(ngrams(hashed(spelling).to_sparse(), longest)):
            numbers, places = found.numbers.numpy(), found.places.numpy()
            for index in np.flatnonzero(np.isin(numbers, wanted)):
                place = places[index]
                text = b" ".join(flat[place : place + more + 1]).decode()
                spelled.setdefault(int(numbers[index]), text)
        if len(spelled) == len(wanted):
            break
    return spelled


def _figures(model: NgramModel, rows: tf.data.Dataset) -> dict[str, float]:
    logits, labels = [], []
    for words_of_rows, label in rows:
        logits.append(model.logits(words_of_rows).numpy())
        labels.append(label.numpy()[:, 0])
    margin = np.concatenate(logits) * np.where(np.concatenate(labels) == 1, 1.0, -1.0)
    return {
        "accuracy": float((margin > 0).mean()),
        "loss": float(np.logaddexp(0, -margin).mean()),
    }
