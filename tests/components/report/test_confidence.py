"""Intervals, against figures from elsewhere."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from components.report import confidence


def test_shares_have_wilsons_interval():
    # Newcombe 1998, Statistics in Medicine 17:857-872, table I: 81 of 263.
    low, high = confidence.of_share(81 / 263, 263)

    assert low == pytest.approx(0.2553, abs=5e-5)
    assert high == pytest.approx(0.3662, abs=5e-5)


def test_an_auc_lies_in_its_interval_as_often_as_it_says():
    random = np.random.default_rng(0)
    edges = np.linspace(-6, 6, 200)
    true = roc_auc_score(
        np.repeat([0, 1], 100_000),
        np.concatenate([random.normal(0, 1, 100_000), random.normal(1, 1, 100_000)]),
    )
    hits = 0
    for _ in range(400):
        negatives, _ = np.histogram(random.normal(0, 1, 150), edges)
        positives, _ = np.histogram(random.normal(1, 1, 60), edges)
        found = confidence.of_auc(negatives, positives)
        hits += found.low <= true <= found.high

    assert 0.92 <= hits / 400 <= 0.98


def test_an_auc_of_one_row_of_a_class_has_no_interval():
    assert confidence.of_auc(np.array([1, 0]), np.array([5, 5])) is None
