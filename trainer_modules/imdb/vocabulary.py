"""The most frequent words, for models with a limited vocabulary."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

PAD, START, UNKNOWN = 0, 1, 2
FIRST = 4
"""The id of the most frequent word. Lower ids are reserved, as in the tutorial: 3 is unused."""


def most_frequent(rows: tf.data.Dataset, size: int) -> np.ndarray:
    """Returns the hashes of the most frequent words, by descending frequency.

    Args:
        rows: Batches of (`words`, sparse int64 [batch, ?]; anything).
        size: The maximum number of words.
    """
    numbers, counts = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for words, _ in rows:
        more, more_counts = np.unique(words.values.numpy(), return_counts=True)
        numbers, where = np.unique(np.concatenate([numbers, more]), return_inverse=True)
        counts = np.bincount(where, np.concatenate([counts, more_counts])).astype(np.int64)
    # Ties are broken by hash, so that the same reviews give the same vocabulary.
    return numbers[np.lexsort((numbers, -counts))[:size]]


class Vocabulary(tf.Module):
    """Maps words to ids."""

    def __init__(self, hashes: np.ndarray):
        """Stores the hashes of the known words, int64 [known]. The first one has the id `FIRST`."""
        super().__init__()
        self.size = FIRST + len(hashes)
        order = np.argsort(hashes)
        self._hashes = tf.Variable(hashes[order], trainable=False, name="hashes")
        self._ids = tf.Variable(FIRST + order, trainable=False, name="ids", dtype=tf.int64)

    def ids(self, words: tf.SparseTensor) -> tf.RaggedTensor:
        """Looks up words.

        Args:
            words: The hashes of the words, int64 [n, ?].

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
        """Returns the ids of each text's last words, after `START`, padded: int64 [n, length]."""
        ids = self.ids(words)
        starts = tf.fill([ids.nrows(), 1], tf.constant(START, tf.int64))
        return tf.concat([starts, ids], axis=1)[:, -length:].to_tensor(PAD, shape=[None, length])

    def present(self, words: tf.SparseTensor) -> tf.Tensor:
        """Returns 1 for each word that a text contains, else 0: float32 [n, size]."""
        ids = self.ids(words)
        cells = tf.stack([ids.value_rowids(), ids.flat_values], axis=1)
        shape = tf.stack([ids.nrows(), tf.constant(self.size, tf.int64)])
        counts = tf.scatter_nd(cells, tf.ones_like(ids.flat_values, tf.float32), shape)
        return tf.minimum(counts, 1.0)
