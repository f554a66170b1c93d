"""Intervals, against their definitions."""

import numpy as np
import pytest
from scipy import stats

from components.report.confidence import of_auc, of_share


def test_a_share_has_wilsons_interval():
    share, rows, z = 0.9, 250, stats.norm.ppf(0.975)
    middle = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    margin = z / (1 + z**2 / rows) * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))

    assert of_share(share, rows) == pytest.approx((middle - margin, middle + margin))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_of_all_or_nothing_is_not_certain(share):
    low, high = of_share(share, 20)

    assert 0 <= low < high <= 1
    assert low <= share <= high


def test_an_auc_has_delongs_interval():
    """By the definition: over all pairs of a positive and a negative."""
    random = np.random.default_rng(0)
    negatives, positives = random.poisson(3, 40), random.poisson(np.linspace(0, 6, 40))
    n, p = (np.repeat(np.arange(40), rows) for rows in (negatives, positives))
    won = (p[:, None] > n) + 0.5 * (p[:, None] == n)
    variance = won.mean(axis=1).var(ddof=1) / len(p) + won.mean(axis=0).var(ddof=1) / len(n)
    margin = stats.norm.ppf(0.975) * np.sqrt(variance)

    found = of_auc(negatives, positives)

    assert found == pytest.approx((won.mean() - margin, won.mean() + margin))


def test_an_auc_of_too_few_rows_has_none():
    assert of_auc(np.array([5, 0]), np.array([0, 1])) is None


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    random = np.random.default_rng(1)
    shifts = np.linspace(0, 1, 30)
    chances = np.stack([np.exp(-3 * shifts), np.exp(3 * shifts)])
    chances /= chances.sum(axis=1, keepdims=True)
    truth = float((chances[1] * (chances[0].cumsum() - chances[0] / 2)).sum())

    draws = (random.multinomial(150, chances) for _ in range(300))
    intervals = [of_auc(negatives, positives) for negatives, positives in draws]

    covered = np.mean([low <= truth <= high for low, high in intervals])
    assert 0.90 <= covered <= 0.99
