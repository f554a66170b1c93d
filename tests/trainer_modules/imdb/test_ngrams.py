"""N-grams and their numbers."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from trainer_modules.imdb.naive_bayes import Reviews, learn, read
from trainer_modules.imdb.ngrams import NgramModel, joined, ngrams
from trainer_modules.imdb.parameters import ImdbParameters
from trainer_modules.imdb.preprocessing import hashed, words


def _words(*texts: str) -> tf.SparseTensor:
    return hashed(words(tf.constant(texts))).to_sparse()


def _by_row(texts: tuple[str, ...], longest: int) -> list[set[int]]:
    rows, numbers, _ = joined(ngrams(_words(*texts), longest))
    return [set(numbers.numpy()[rows.numpy() == row].tolist()) for row in range(len(texts))]


def test_there_are_as_many_as_a_text_has_windows():
    found = ngrams(_words("a b c d", "e", "", "f g"), 3)

    assert [np.bincount(part.rows, minlength=4).tolist() for part in found] == [
        [4, 1, 0, 2],
        [3, 0, 0, 1],
        [2, 0, 0, 0],
    ]


def test_no_ngram_reaches_into_the_next_text():
    (first, second) = _by_row(("a b", "c d"), 2)
    (apart,) = _by_row(("b c",), 2)

    pair = apart - {*_by_row(("b",), 1)[0], *_by_row(("c",), 1)[0]}
    assert len(pair) == 1
    assert not pair & (first | second)


def test_the_order_of_words_matters():
    (there, back) = _by_row(("not good", "good not"), 2)

    assert len(there & back) == 2
    assert len(there | back) == 4


def test_an_ngram_has_the_same_number_in_every_text():
    (alone, within) = _by_row(("not a good", "this is not a good film"), 3)

    assert alone <= within


def test_half_a_million_ngrams_share_no_number():
    vocabulary = [f"w{i}" for i in range(700)]
    random = np.random.default_rng(0)
    text = " ".join(random.choice(vocabulary, 400_000))

    _, pairs = ngrams(_words(text), 2)

    tokens = text.split()
    assert len(np.unique(pairs.numbers)) == len(set(itertools.pairwise(tokens)))


@pytest.fixture(scope="module")
def reviews() -> tuple[list[str], list[int]]:
    random = np.random.default_rng(1)
    texts, labels = [], []
    for _ in range(300):
        negated, good = random.random(2) < 0.5
        filler = " ".join(random.choice(["film", "plot", "seen", "actor", "music"], 4))
        texts.append(f"{filler} {'not' if negated else 'so'} {'good' if good else 'bad'} {filler}")
        labels.append(int(negated != good))
    return texts, labels


def _learn(texts: list[str], labels: list[int], **parameters) -> NgramModel:
    chosen = ImdbParameters(**parameters)
    batches = [
        (_words(*texts[start : start + 70]), tf.constant(labels[start : start + 70])[:, tf.newaxis])
        for start in range(0, len(texts), 70)
    ]
    return learn(read(batches, chosen.ngrams), chosen, seed=0)


def test_pairs_of_words_learn_what_single_words_cannot(reviews):
    texts, labels = reviews

    right = {
        longest: np.mean(
            (_learn(*reviews, ngrams=longest).logits(_words(*texts)).numpy() > 0) == labels
        )
        for longest in (1, 2)
    }

    assert right[1] < 0.7
    assert right[2] == 1


def test_a_text_holds_an_ngram_or_not_however_often(reviews):
    model = _learn(*reviews, ngrams=1)

    once, twice = model.logits(_words("film so good", "so film good so")).numpy()

    assert once == pytest.approx(twice, rel=1e-6)


def test_logits_do_not_depend_on_the_batch(reviews):
    model, texts = _learn(*reviews), reviews[0][:20]

    together = model.logits(_words(*texts)).numpy()

    alone = [model.logits(_words(text)).numpy()[0] for text in texts]
    np.testing.assert_array_equal(together, alone)


def test_a_text_without_a_known_word_has_the_bias(reviews):
    model = _learn(*reviews)

    empty, unknown = model.logits(_words("", "xylophone quartz")).numpy()

    assert empty == unknown == model.logits(_words("")).numpy()[0]


def test_rare_ngrams_are_not_learnt(reviews):
    texts, labels = [*reviews[0], "unique thing"], [*reviews[1], 1]
    model = _learn(texts, labels, min_reviews=2)

    assert _words("unique").values.numpy()[0] not in model.weights[0]
    assert _words("film").values.numpy()[0] in model.weights[0]


def test_reviews_hold_each_ngram_once_in_their_order():
    batches = [
        (_words("b a b", ""), tf.constant([[1], [0]])),
        (_words("c"), tf.constant([[0]])),
    ]

    found = read(batches, 1)

    assert isinstance(found, Reviews)
    assert found.starts.tolist() == [0, 2, 2, 3]
    assert found.labels.tolist() == [1, 0, 0]
    assert set(found.numbers[:2]) == set(_words("a b").values.numpy())


def test_the_same_seed_gives_the_same_model(reviews):
    words_of_all = _words(*reviews[0])

    first, second = (_learn(*reviews).logits(words_of_all).numpy() for _ in range(2))

    assert first.tobytes() == second.tobytes()
