"""Learns n-grams and their weights from reviews."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import tensorflow as tf
from sklearn.linear_model import LogisticRegression

from trainer_modules.imdb.ngrams import NgramModel, joined, ngrams
from trainer_modules.imdb.parameters import ImdbParameters

_TOLERANCE = 0.01
"""The tolerance of the solver. A lower one does not change the accuracy at four digits."""


class Reviews(NamedTuple):
    """The n-grams of each review, and the labels.

    Attributes:
        numbers: The n-grams, review by review, int64 [cells]. Within a review, they are ascending
            and distinct.
        starts: The index in `numbers` at which each review begins, and the end: int64 [n + 1].
        labels: The labels, 0 or 1, int64 [n].
    """

    numbers: np.ndarray
    starts: np.ndarray
    labels: np.ndarray


def read(batches: tf.data.Dataset, longest: int) -> Reviews:
    """Collects the n-grams of reviews, about 4 kB for an average review.

    Args:
        batches: Batches of (`words`, sparse int64 [batch, ?]; label, int64 [batch, 1]).
        longest: The maximum number of words in an n-gram.
    """
    numbers, counts, labels = [], [], []
    for words, label in batches:
        rows, found, _ = (part.numpy() for part in joined(ngrams(words, longest)))
        order = np.lexsort((found, rows))
        rows, found = rows[order], found[order]
        first = np.append(True, (rows[1:] != rows[:-1]) | (found[1:] != found[:-1]))
        numbers.append(found[first])
        counts.append(np.bincount(rows[first], minlength=len(label)))
        labels.append(label.numpy()[:, 0])
    starts = np.append(0, np.concatenate(counts).cumsum())
    return Reviews(np.concatenate(numbers), starts, np.concatenate(labels))


def together(first: Reviews, second: Reviews) -> Reviews:
    """Returns all reviews of both."""
    return Reviews(
        np.concatenate([first.numbers, second.numbers]),
        np.concatenate([first.starts, first.starts[-1] + second.starts[1:]]),
        np.concatenate([first.labels, second.labels]),
    )


def learn(reviews: Reviews, parameters: ImdbParameters, seed: int) -> NgramModel:
    """Learns log-ratios by naive Bayes and, with them, weights by logistic regression.

    Args:
        reviews: The reviews, of both classes.
        parameters: The hyper-parameters.
        seed: The random seed of the solver, which visits reviews in random order.
    """
    numbers, counts = np.unique(reviews.numbers, return_counts=True)
    numbers = numbers[counts >= parameters.min_reviews]
    present = _matrix(reviews, numbers)
    positive = reviews.labels == 1
    logs = []
    for of_class in (positive, ~positive):
        held_by = present.T @ of_class.astype(np.float32) + parameters.smoothing
        logs.append(np.log(held_by / held_by.sum()))
    ratios = (logs[0] - logs[1]).astype(np.float32)

    present.data = ratios[present.indices]
    lengths = np.sqrt(np.asarray(present.multiply(present).sum(axis=1)).ravel())
    present.data /= np.repeat(np.maximum(lengths, 1e-30), np.diff(present.indptr))
    regression = LogisticRegression(
        C=parameters.inverse_l2,
        solver="liblinear",
        dual=True,
        tol=_TOLERANCE,
        random_state=seed,
    ).fit(present, reviews.labels)
    return NgramModel(
        parameters.ngrams, numbers, ratios, regression.coef_[0], regression.intercept_[0]
    )


def _matrix(reviews: Reviews, numbers: np.ndarray) -> sp.csr_matrix:
    """Returns a row per review and a column per known n-gram: 1 where the review contains it."""
    columns = np.searchsorted(numbers, reviews.numbers)
    columns[columns == len(numbers)] = 0
    is_known = numbers[columns] == reviews.numbers
    starts = np.append(0, is_known.cumsum())[reviews.starts]
    return sp.csr_matrix(
        (np.ones(starts[-1], np.float32), columns[is_known].astype(np.int32), starts),
        shape=(len(reviews.labels), len(numbers)),
    )
