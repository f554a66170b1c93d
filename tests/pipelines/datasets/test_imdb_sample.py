"""The generated reviews."""

import re
import tarfile

import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from pipelines.datasets.samples import imdb
from pipelines.registry import load

Reviews = dict[str, tuple[list[str], list[str], list[int]]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "imdb"
    imdb.write(folder)
    return folder


@pytest.fixture(scope="module")
def reviews(folder) -> Reviews:
    found: Reviews = {split: ([], [], []) for split in imdb.REVIEWS}
    path = re.compile(load("imdb").source.options["text"]["path"])
    with tarfile.open(folder / imdb.FILE) as archive:
        for member in archive:
            parts = path.search(member.name)
            texts, labels, ratings = found[parts["split"]]
            texts.append(archive.extractfile(member).read().decode())
            labels.append(parts["label"])
            ratings.append(int(parts["rating"]))
    return found


def test_the_same_seed_gives_the_same_bytes(folder, tmp_path):
    imdb.write(tmp_path / "again")

    assert (tmp_path / "again" / imdb.FILE).read_bytes() == (folder / imdb.FILE).read_bytes()


def test_classes_are_balanced_and_ratings_fit_them(reviews):
    for split, count in imdb.REVIEWS.items():
        _, labels, ratings = reviews[split]
        assert labels.count("neg") == labels.count("pos") == count / 2
        stars = {"neg": range(1, 5), "pos": range(7, 11)}
        assert all(rating in stars[label] for rating, label in zip(ratings, labels, strict=True))


def test_reviews_hold_what_real_ones_do(reviews):
    text = " ".join(reviews["train"][0])

    assert all(part in text for part in ("<br /><br />", "\u00e9", '"', "\u2019"))


def test_pairs_of_words_beat_single_words(reviews):
    accuracies = []
    for longest in (1, 2):
        vectorizer = CountVectorizer(ngram_range=(1, longest), binary=True)
        model = LogisticRegression(C=0.1, max_iter=1000)
        model.fit(vectorizer.fit_transform(reviews["train"][0]), reviews["train"][1])
        test = vectorizer.transform(reviews["test"][0])
        accuracies.append(model.score(test, reviews["test"][1]))

    assert accuracies[0] < 0.7
    assert 0.85 < accuracies[1] < 0.95
