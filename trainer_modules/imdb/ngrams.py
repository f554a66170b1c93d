"""N-grams of words, weighted by naive Bayes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

_FACTORS = (0x2545F4914F6CDD1D, 0x369DEA0F31A53F85, 0x5851F42D4C957F2D, 0x14057B7EF767814F)
"""Odd multipliers of known random number generators, one for each position in an n-gram. With 64
bits, the chance that any two of ten million n-grams share a number is 1 in 400,000."""


class Ngrams(NamedTuple):
    """N-grams of texts, in the order of the texts. All tensors are int64 [n-grams].

    Attributes:
        rows: The index of the text.
        numbers: The hash. Equal n-grams have equal numbers.
        places: The index of the first word among the words of all texts.
    """

    rows: tf.Tensor
    numbers: tf.Tensor
    places: tf.Tensor


def ngrams(words: tf.SparseTensor, longest: int) -> list[Ngrams]:
    """Returns the single words, the pairs, and so on.

    Args:
        words: The hashes of the words, int64 [n, ?], row by row.
        longest: The maximum number of words in an n-gram.
    """
    rows, hashes = words.indices[:, 0], words.values
    places = tf.range(tf.size(hashes, tf.int64))
    found = [Ngrams(rows, hashes, places)]
    numbers = hashes
    for more in range(1, longest):
        # Overflow is intended, because it spreads the numbers.
        numbers = numbers[:-1] * _FACTORS[0] + hashes[more:] * _FACTORS[more % len(_FACTORS)] + more
        within = rows[:-more] == rows[more:]
        found.append(Ngrams(rows[:-more][within], numbers[within], places[:-more][within]))
    return found


def joined(found: list[Ngrams]) -> Ngrams:
    """Joins n-grams of all lengths."""
    return Ngrams(*(tf.concat(parts, axis=0) for parts in zip(*found, strict=True)))


class NgramModel(tf.Module):
    """A linear model of the distinct n-grams in a text.

    The value of an n-gram is its log-ratio in naive Bayes. The values of a text are scaled to
    length 1 (Wang and Manning 2012, Baselines and Bigrams) and weighted by a logistic regression.
    """

    def __init__(
        self,
        longest: int,
        numbers: np.ndarray,
        ratios: np.ndarray,
        weights: np.ndarray,
        bias: float,
    ):
        """Stores the learned values.

        Args:
            longest: The maximum number of words in an n-gram.
            numbers: The known n-grams, ascending, int64 [known].
            ratios: The log-ratios of the n-grams, float32 [known].
            weights: The weights of the n-grams in the regression, float32 [known].
            bias: The intercept of the regression.
        """
        super().__init__()
        self.longest = longest
        self._numbers = tf.Variable(numbers, trainable=False, name="numbers")
        ratios = np.asarray(ratios, np.float32)
        columns = np.stack([ratios * weights, ratios**2], axis=1).astype(np.float32)
        self._columns = tf.Variable(columns, trainable=False, name="columns")
        self._bias = tf.Variable(np.float32(bias), trainable=False, name="bias")

    @property
    def weights(self) -> tuple[np.ndarray, np.ndarray]:
        """The known n-grams, int64 [known], and their weights before scaling, float32 [known]."""
        return self._numbers.numpy(), self._columns.numpy()[:, 0]

    def logits(self, words: tf.SparseTensor) -> tf.Tensor:
        """Returns the log-odds, float32 [n].

        Args:
            words: The hashes of the words, int64 [n, ?], row by row.
        """
        rows, numbers, _ = joined(ngrams(words, self.longest))
        known = self._numbers.shape[0]
        index = tf.minimum(tf.searchsorted(self._numbers, numbers, out_type=tf.int64), known - 1)
        is_known = tf.gather(self._numbers, index) == numbers
        # One number for row and n-gram, because `tf.unique` takes only vectors.
        cells, _ = tf.unique(rows[is_known] * known + index[is_known])
        sums = tf.math.unsorted_segment_sum(
            tf.gather(self._columns, cells % known), cells // known, words.dense_shape[0]
        )
        return tf.math.divide_no_nan(sums[:, 0], tf.sqrt(sums[:, 1])) + self._bias
