import numpy as np
import pytest
from sklearn import metrics as sk

from components.metrics import CONFUSION_MATRIX, MULTICLASS
from components.metrics.multiclass import ConfusionPlot, MulticlassMetric
from tests.components.metrics.harness import compute, element

CLASSES = ["ant", "bee", "cat", "dog"]
NAMES = [metric.name for metric in MULTICLASS.metrics]


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, size=3_000)  # no dogs
    logits = random.normal(size=(3_000, 4)) + 1.5 * np.eye(4)[labels]
    scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return labels, scores.astype(np.float32)


def _elements(labels, scores, model=""):
    return [
        element(CLASSES[label], CLASSES, score, model)
        for label, score in zip(labels, scores, strict=True)
    ]


@pytest.mark.parametrize("parts", [1, 5])
def test_metrics_are_those_of_scikit_learn(rows, parts):
    labels, scores = rows
    elements = _elements(labels, scores)

    found = {name: compute(MulticlassMetric(name), elements, parts=parts) for name in NAMES}

    predicted = scores.argmax(axis=1)
    expected = {
        "accuracy": sk.accuracy_score(labels, predicted),
        "macro_f1": sk.f1_score(labels, predicted, average="macro"),
        "top_2_accuracy": sk.top_k_accuracy_score(labels, scores, k=2, labels=range(4)),
        "loss": sk.log_loss(labels, scores, labels=range(4)),
        "example_count": 3_000,
    }
    assert found == pytest.approx(expected, abs=1e-6)


def test_the_score_of_the_named_model_counts(rows):
    labels, scores = (part[:200] for part in rows)

    named = compute(MulticlassMetric("loss"), _elements(labels, scores, "baseline"), "baseline")

    assert named == compute(MulticlassMetric("loss"), _elements(labels, scores))


def test_the_plot_says_which_class_was_taken_for_which(rows):
    labels, scores = rows

    plot = compute(
        ConfusionPlot(CONFUSION_MATRIX.metrics[0].name), _elements(labels, scores), parts=3
    )

    (matrix,) = plot.matrices
    counts = np.zeros((4, 4))
    for entry in matrix.entries:
        counts[entry.actual_class_id, entry.predicted_class_id] = entry.num_weighted_examples
    expected = sk.confusion_matrix(labels, scores.argmax(axis=1), labels=range(4))
    np.testing.assert_array_equal(counts, expected)


def test_a_class_that_is_never_seen_is_no_part_of_the_mean():
    elements = [element(kind, CLASSES, [0.7, 0.1, 0.1, 0.1]) for kind in ("ant", "ant", "bee")]

    assert compute(MulticlassMetric("macro_f1"), elements) == pytest.approx((0.8 + 0) / 2)


def test_rows_of_one_class_have_no_macro_f1():
    elements = [element("ant", CLASSES, [0.7, 0.1, 0.1, 0.1])] * 3

    assert np.isnan(compute(MulticlassMetric("macro_f1"), elements))
    assert compute(MulticlassMetric("accuracy"), elements) == 1
