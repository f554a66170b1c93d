"""What a search for a rare signal keeps of it."""

from __future__ import annotations

import numpy as np
from tensorflow_model_analysis.metrics import metric_types

from components.metrics.accumulation import read_off
from components.metrics.binary import Histogram


class SignalEfficiency(metric_types.Metric):
    """Share of the signal that passes a cut on the score which rejects so much of the background.

    Physicists ask for it, since background outnumbers signal by far and a cut has to throw away
    nearly all of it: Baldi, Sadowski and Whiteson plot background rejection against signal
    efficiency for their classifiers of these data (2014, Nature Communications 5:4308,
    arXiv:1402.4735). It is the recall at a false positive rate of 1 - rejection.

    Scores are known up to the 10,000 buckets of `components.metrics.binary.Histogram`; between two
    of their bounds, recall is interpolated linearly over the false positive rate, as AUC does it.
    Where several cuts reject just that much, the one that keeps most counts. NaN without signal or
    without background.

    The model must return `scores` [n, 2] and `classes` [n, 2], the signal second.
    """

    def __init__(self, name: str, code: str = ""):
        """Chooses the rejection.

        Args:
            name: One of `components.metrics.SIGNAL_EFFICIENCY`; ends in the rejection in percent.
            code: As for `BinaryMetric`.
        """
        del code
        super().__init__(
            read_off(
                Histogram,
                metric_types.MetricKey,
                lambda name, rows: efficiency(rows.counts, int(name.rpartition("_")[2]) / 100),
            ),
            name=name,
        )


def efficiency(counts: np.ndarray, rejection: float) -> float:
    """Computes the metric.

    Args:
        counts: Rows per bucket of scores, ascending: int64 [2, buckets], background first.
        rejection: Share of the background to reject, from 0 to 1.
    """
    background, signal = counts.sum(axis=1)
    if not background or not signal:
        return float("nan")
    # What passes a cut, from the highest cut, which nothing passes, down.
    passed = np.pad(counts[:, ::-1].cumsum(axis=1), [(0, 0), (1, 0)])
    return float(np.interp((1 - rejection) * background, passed[0], passed[1] / signal))
