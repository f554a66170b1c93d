"""The most frequent words, for models that know a limited number of them."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

PAD, START, UNKNOWN = 0, 1, 2
FIRST = 4
"""Id of the most frequent word; ids below are reserved, as in the tutorial's data (3 is unused)."""


def most_frequent(rows: tf.data.Dataset, size: int) -> np.ndarray:
    """Counts words and returns the hashes of the most frequent ones, the most frequent first.

    Args:
        rows: (`words`, sparse int64 [batch, ?]; anything).
        size: How many, if there are so many.
    """
    numbers, counts = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for words, _ in rows:
        more, more_counts = np.unique(words.values.numpy(), return_counts=True)
        numbers, where = np.unique(np.concatenate([numbers, more]), return_inverse=True)
        counts = np.bincount(where, np.concatenate([counts, more_counts])).astype(np.int64)
    # Ties go by number, so that the same reviews give the same vocabulary.
    return numbers[np.lexsort((numbers, -counts))[:size]]


class Vocabulary(tf.Module):
    """Gives words their ids."""

    def __init__(self, hashes: np.ndarray):
        """Takes the hashes of the known words, int64 [known]; the first gets id `FIRST`."""
        super().__init__()
        self.size = FIRST + len(hashes)
        order = np.argsort(hashes)
        self._hashes = tf.Variable(hashes[order], trainable=False, name="hashes")
        self._ids = tf.Variable(FIRST + order, trainable=False, name="ids", dtype=tf.int64)

    def ids(self, words: tf.SparseTensor) -> tf.RaggedTensor:
        """Looks words up.

        Args:
            words: Hashes, int64 [n, ?].

        Returns:
            int64 [n, (words)], `UNKNOWN` for other words.
        """
        rows = tf.RaggedTensor.from_sparse(words)
        flat = rows.flat_values
        index = tf.searchsorted(self._hashes, flat, out_type=tf.int64)
        index = tf.minimum(index, self._hashes.shape[0] - 1)
        is_known = tf.gather(self._hashes, index) == flat
        return rows.with_flat_values(tf.where(is_known, tf.gather(self._ids, index), UNKNOWN))

    def last(self, words: tf.SparseTensor, length: int) -> tf.Tensor:
        """Returns ids of the last words of each text, after `START`, padded: int64 [n, length]."""
        ids = self.ids(words)
        starts = tf.fill([ids.nrows(), 1], tf.constant(START, tf.int64))
        return tf.concat([starts, ids], axis=1)[:, -length:].to_tensor(PAD, shape=[None, length])

    def present(self, words: tf.SparseTensor) -> tf.Tensor:
        """Returns which words each text holds, 0 or 1: float32 [n, size]."""
        ids = self.ids(words)
        cells = tf.stack([ids.value_rowids(), ids.flat_values], axis=1)
        shape = tf.stack([ids.nrows(), tf.constant(self.size, tf.int64)])
        counts = tf.scatter_nd(cells, tf.ones_like(ids.flat_values, tf.float32), shape)
        return tf.minimum(counts, 1.0)
