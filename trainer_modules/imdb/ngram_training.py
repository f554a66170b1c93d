"""Trains the model of n-grams and says what it learned."""

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
"""N-grams of each sign in the figure."""


def train(
    train_rows: tf.data.Dataset,
    eval_rows: tf.data.Dataset,
    texts: tf.data.Dataset,
    parameters: ImdbParameters,
    seed: int,
    log_dir: Path,
) -> NgramModel:
    """Trains, in one go: there is nothing to stop early or to resume.

    The figures on eval are those of a model that has not seen it, even if it is then learned again
    with eval.

    Args:
        train_rows: (`words`, sparse int64 [batch, ?]; label, int64 [batch, 1]).
        eval_rows: The same.
        texts: The texts of both, string [batch].
        parameters: Hyper-parameters.
        seed: Of the solver.
        log_dir: Gets `history.csv`, TensorBoard event files and the n-grams that weigh most.
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
        progress.info("learning again, from train and eval")
        both = naive_bayes.together(reviews, naive_bayes.read(eval_rows, parameters.ngrams))
        model = naive_bayes.learn(both, parameters, seed)
    write_insight(log_dir, "ngrams", heaviest(model, texts))
    return model


def heaviest(model: NgramModel, texts: tf.data.Dataset) -> Insight:
    """Says in words which n-grams weigh most.

    Args:
        model: Trained.
        texts: What it was trained on, string [batch].
    """
    numbers, weights = model.weights
    order = np.argsort(weights)
    shown = np.concatenate([order[::-1][:SHOWN], order[:SHOWN][::-1]])
    spelled = _spell(np.sort(numbers[shown]), texts, model.longest)
    return Insight(
        "N-grams that weigh most",
        "What a word or phrase adds to the log-odds of a positive review, before the review is "
        "scaled to its length: the highest weights, then the lowest.",
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
