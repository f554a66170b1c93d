import numpy as np
import pytest
from sklearn.metrics import roc_curve

from components.metrics import SIGNAL_EFFICIENCY
from components.metrics.binary import BinaryMetric
from components.metrics.signal_efficiency import SignalEfficiency, efficiency
from tests.components.metrics.harness import compute, element

CLASSES = ["background", "signal"]
NAMES = [metric.name for metric in SIGNAL_EFFICIENCY.metrics]


def _elements(labels, scores, model=""):
    return [
        element(CLASSES[label], CLASSES, [1 - score, score], model)
        for label, score in zip(labels, scores, strict=True)
    ]


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    labels = (random.random(6_000) < 0.4).astype(int)
    scores = 1 / (1 + np.exp(-(random.normal(size=6_000) + 1.5 * labels - 1)))
    return labels, scores.astype(np.float32)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("parts", [1, 4])
def test_it_is_the_recall_at_that_false_positive_rate(rows, name, parts):
    labels, scores = rows
    false_rates, recalls, _ = roc_curve(labels, scores, drop_intermediate=False)
    rejection = {"90": 0.9, "99": 0.99}[name[-2:]]

    found = compute(
        SignalEfficiency(name), _elements(labels, scores, "candidate"), "candidate", parts
    )

    assert found == pytest.approx(np.interp(1 - rejection, false_rates, recalls), abs=2e-3)


def test_a_stronger_rejection_keeps_less(rows):
    at_90, at_99 = (compute(SignalEfficiency(n), _elements(*rows)) for n in NAMES)
    assert 0.1 < at_99 < at_90 - 0.2 < 0.8


def test_the_rows_are_accumulated_once_for_these_and_the_other_metrics(rows):
    metrics = [BinaryMetric("auc"), *map(SignalEfficiency, NAMES)]
    accumulated = {metric.computations(model_names=["candidate"])[0].keys[0] for metric in metrics}
    assert len(accumulated) == 1


def test_between_two_cuts_the_efficiency_is_interpolated():
    # A cut accepts nothing, 1 of 4 signals, or 3 of 4 together with 2 of 10 backgrounds.
    counts = np.array([[8, 2, 0], [1, 2, 1]])
    assert efficiency(counts, 1.0) == 0.25
    assert efficiency(counts, 0.9) == pytest.approx(0.5)
    assert efficiency(counts, 0.8) == pytest.approx(0.75)
    assert efficiency(counts, 0.0) == 1


def test_a_perfect_separation_keeps_all_signal():
    assert efficiency(np.array([[5, 5, 0], [0, 0, 7]]), 0.99) == 1


@pytest.mark.parametrize(
    "counts", [[[0, 0], [3, 4]], [[3, 4], [0, 0]]], ids=["signal", "background"]
)
def test_it_is_not_defined_for_one_class_alone(counts):
    assert np.isnan(efficiency(np.array(counts), 0.9))
