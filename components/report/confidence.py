"""How sure a metric is: 95% intervals."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy import stats

_LEVEL = 0.95


class Interval(NamedTuple):
    """The bounds between which the metric of all possible rows may well lie."""

    low: float
    high: float


def of_share(share: float, rows: float) -> Interval:
    """Returns Wilson's interval (1927, JASA 22:209-212) for a share of independent rows.

    Args:
        share: The share, from 0 to 1.
        rows: The number of rows; more than 0.
    """
    test = stats.binomtest(round(share * rows), round(rows))
    found = test.proportion_ci(_LEVEL, method="wilson")
    return Interval(found.low, found.high)


def of_auc(negatives: np.ndarray, positives: np.ndarray) -> Interval | None:
    """Returns the interval of an AUC (DeLong, DeLong, and Clarke-Pearson 1988, Biometrics 44:837).

    Args:
        negatives: The negatives per bucket of scores, ascending: [buckets].
        positives: The positives per bucket.

    Returns:
        None if there are fewer than two rows of a class.
    """
    n, p = negatives.sum(), positives.sum()
    if n < 2 or p < 2:
        return None
    # For a row in each bucket: the share of the other class that it is ranked correctly against.
    of_positive = (negatives.cumsum() - negatives / 2) / n
    of_negative = 1 - (positives.cumsum() - positives / 2) / p
    auc = float((positives * of_positive).sum() / p)
    variance = sum(
        float((rows * (share - auc) ** 2).sum() / (count - 1) / count)
        for rows, share, count in ((positives, of_positive, p), (negatives, of_negative, n))
    )
    margin = stats.norm.ppf((1 + _LEVEL) / 2) * math.sqrt(variance)
    return Interval(max(0.0, auc - margin), min(1.0, auc + margin))


def of_mean(value: float, influences: np.ndarray, rows: float) -> Interval | None:
    """Returns the interval of a mean over rows, or of what is close to one (the delta method).

    Args:
        value: The metric of all rows.
        influences: The terms of the mean, [sample]. For a smooth function of means: the terms of
            its linear approximation (its influence function), up to a constant.
        rows: The number of all rows, of which `influences` may be a random sample.

    Returns:
        None for a sample of fewer than two rows, and where the approximation is not defined.
    """
    if len(influences) < 2 or not np.isfinite(influences).all():
        return None
    # Student's distribution, since slices may have few rows.
    quantile = stats.t.ppf((1 + _LEVEL) / 2, len(influences) - 1)
    margin = float(quantile * influences.std(ddof=1) / math.sqrt(rows))
    return Interval(value - margin, value + margin)
