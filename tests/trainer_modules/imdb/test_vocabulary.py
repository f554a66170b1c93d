"""The most frequent words."""

import numpy as np
import tensorflow as tf

from trainer_modules.imdb.preprocessing import hashed, words
from trainer_modules.imdb.vocabulary import FIRST, PAD, START, UNKNOWN, Vocabulary, most_frequent

TEXTS = ["a a a b b c", "a b c d"]


def _words(*texts: str) -> tf.SparseTensor:
    return hashed(words(tf.constant(texts))).to_sparse()


def _vocabulary(size: int) -> Vocabulary:
    return Vocabulary(most_frequent([(_words(text), None) for text in TEXTS], size))


def test_the_most_frequent_words_get_the_lowest_ids():
    ids = _vocabulary(3).ids(_words("c b a d e"))

    assert ids.to_list() == [[FIRST + 2, FIRST + 1, FIRST, UNKNOWN, UNKNOWN]]


def test_the_last_words_count_after_the_start_and_are_padded():
    found = _vocabulary(3).last(_words("a b c a", "b", ""), 4)

    assert found.numpy().tolist() == [
        [FIRST, FIRST + 1, FIRST + 2, FIRST],
        [START, FIRST + 1, PAD, PAD],
        [START, PAD, PAD, PAD],
    ]


def test_presence_is_one_however_often():
    vocabulary = _vocabulary(3)

    found = vocabulary.present(_words("b b z z", "")).numpy()

    assert found.shape == (2, vocabulary.size)
    assert np.flatnonzero(found[0]).tolist() == [UNKNOWN, FIRST + 1]
    assert found.max() == 1
    assert not found[1].any()
