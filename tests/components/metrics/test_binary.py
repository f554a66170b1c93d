import numpy as np
import pytest
from sklearn import metrics as sk

from components.metrics import BINARY, SCORE_BUCKETS
from components.metrics.binary import BinaryMetric, ScorePlot
from tests.components.metrics.harness import compute, element

CLASSES = ["<=50K", ">50K"]
NAMES = [metric.name for metric in BINARY.metrics]


def _compute(labels, scores, model="", parts=1):
    elements = [
        element(CLASSES[label], CLASSES, [1 - score, score], model)
        for label, score in zip(labels, scores, strict=True)
    ]
    return {name: compute(BinaryMetric(name), elements, model, parts) for name in NAMES}


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    labels = (random.random(5_000) < 0.3).astype(int)
    scores = 1 / (1 + np.exp(-(random.normal(size=5_000) + 2 * labels - 1.5)))
    return labels, scores.astype(np.float32)


@pytest.mark.parametrize("parts", [1, 7])
def test_metrics_are_those_of_scikit_learn(rows, parts):
    labels, scores = rows
    called = scores >= 0.5
    found = _compute(labels, scores, parts=parts)

    assert set(found) == set(NAMES)
    assert found["example_count"] == 5_000
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(labels, called))
    assert found["precision"] == pytest.approx(sk.precision_score(labels, called))
    assert found["recall"] == pytest.approx(sk.recall_score(labels, called))
    assert found["loss"] == pytest.approx(sk.log_loss(labels, scores), abs=1e-6)
    assert found["auc"] == pytest.approx(sk.roc_auc_score(labels, scores), abs=1e-4)
    assert found["auc_pr"] == pytest.approx(sk.average_precision_score(labels, scores), abs=1e-3)
    assert found["calibration"] == pytest.approx(scores.sum() / labels.sum(), rel=1e-5)


def test_the_score_of_the_named_model_counts(rows):
    labels, scores = rows
    assert _compute(labels, scores, model="baseline") == _compute(labels, scores)


def test_extreme_scores_have_a_finite_loss():
    found = _compute([0, 1, 1], [0.0, 1.0, 0.0])
    assert np.isfinite(found["loss"])
    assert found["accuracy"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("label", "undefined"),
    [
        (0, {"auc", "auc_pr", "precision", "recall", "calibration"}),
        (1, {"auc", "auc_pr", "precision"}),
    ],
)
@pytest.mark.parametrize("scores", [[0.1, 0.2], [0.7, 0.8], [0.2, 0.8]])
def test_metrics_without_meaning_for_one_class_are_nan(label, undefined, scores):
    found = _compute([label, label], scores)

    assert {name for name, value in found.items() if np.isnan(value)} == undefined
    assert found["example_count"] == 2


def test_precision_without_predicted_positives_is_nan():
    found = _compute([0, 1], [0.1, 0.2])

    assert np.isnan(found["precision"])
    assert found["recall"] == 0
    assert found["auc"] == 1


def test_a_label_that_is_a_number_names_its_class(rows):
    labels, scores = rows
    elements = [
        element(int(label), ["0", "1"], [1 - score, score])
        for label, score in zip(labels, scores, strict=True)
    ]

    assert compute(BinaryMetric("accuracy"), elements) == _compute(labels, scores)["accuracy"]


def test_the_plot_has_what_roc_and_calibration_need(rows):
    labels, scores = rows
    elements = [
        element(CLASSES[label], CLASSES, [1 - score, score])
        for label, score in zip(labels, scores, strict=True)
    ]

    plot = compute(ScorePlot(SCORE_BUCKETS.metrics[0].name), elements, parts=3)

    lower, upper, count, positives, predicted = np.array(
        [
            (
                bucket.lower_threshold_inclusive,
                bucket.upper_threshold_exclusive,
                bucket.num_weighted_examples.value,
                bucket.total_weighted_label.value,
                bucket.total_weighted_refined_prediction.value,
            )
            for bucket in plot.buckets
        ]
    ).T
    assert (lower[1:] >= upper[:-1] - 1e-9).all()
    assert (count > 0).all()
    high = lower >= 0.4999
    assert count[high].sum() == (scores >= 0.5).sum()
    assert positives[high].sum() == labels[scores >= 0.5].sum()
    np.testing.assert_allclose(predicted.sum(), scores.sum(), rtol=1e-3)
