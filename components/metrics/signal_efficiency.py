"""The signal efficiency of a search for a rare signal."""

from __future__ import annotations

import numpy as np
from tensorflow_model_analysis.metrics import metric_types

from components.metrics.accumulation import computed_from
from components.metrics.binary import Histogram


class SignalEfficiency(metric_types.Metric):
    """The share of the signal above a cut on the score that rejects a given share of background.

    This is the metric of physicists, because there is far more background than signal and a cut
    has to reject nearly all of it: Baldi, Sadowski, and Whiteson plot background rejection against
    signal efficiency for their classifiers of these data (2014, Nature Communications 5:4308,
    arXiv:1402.4735). It is the recall at a false positive rate of 1 - rejection.

    Scores are known up to the 10,000 buckets of `components.metrics.binary.Histogram`. Between two
    of their bounds, recall is interpolated linearly over the false positive rate, as for AUC. If
    several cuts reject exactly that share, the one that keeps the most signal counts. NaN without
    signal or without background.

    The model must return `scores` [n, 2] and `classes` [n, 2], the signal second.
    """

    def __init__(self, name: str, code: str = ""):
        """Chooses the rejection.

        Args:
            name: One of `components.metrics.SIGNAL_EFFICIENCY`. Ends in the rejection in percent.
            code: The fingerprint of this source, for the Evaluator's cache key.
        """
        del code
        super().__init__(
            computed_from(
                Histogram,
                metric_types.MetricKey,
                lambda name, rows: efficiency(rows.counts, int(name.rpartition("_")[2]) / 100),
            ),
            name=name,
        )


def efficiency(counts: np.ndarray, rejection: float) -> float:
    """Computes the metric.

    Args:
        counts: The rows per bucket of scores, ascending: int64 [2, buckets], background first.
        rejection: The share of the background to reject, from 0 to 1.
    """
    background, signal = counts.sum(axis=1)
    if not background or not signal:
        return float("nan")
    # The rows above each cut, from the highest cut, which has none, down.
    passed = np.pad(counts[:, ::-1].cumsum(axis=1), [(0, 0), (1, 0)])
    return float(np.interp((1 - rejection) * background, passed[0], passed[1] / signal))
