import json
import random

import numpy as np
import pytest
from sklearn import metrics as sk

from components.metrics import REGRESSION, SAMPLE
from components.metrics.regression import SAMPLE_ROWS, PredictionSample, RegressionMetric
from tests.components.metrics.harness import compute, regression_element

NAMES = [metric.name for metric in REGRESSION.metrics]


def _elements(labels, predictions, model=""):
    return [
        regression_element(label, predicted, model, id=row)
        for row, (label, predicted) in enumerate(zip(labels, predictions, strict=True))
    ]


def _compute(elements, **options):
    return {name: compute(RegressionMetric(name), elements, **options) for name in NAMES}


def _sample(elements, **options):
    return json.loads(compute(PredictionSample(SAMPLE), elements, **options))


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    labels = random.gamma(2, 100_000, 3_000)
    predictions = (labels * random.normal(1, 0.2, 3_000) + 5_000).astype(np.float32)
    return labels, predictions


@pytest.mark.parametrize("parts", [1, 7])
def test_metrics_are_those_of_scikit_learn(rows, parts):
    labels, predictions = rows

    found = _compute(_elements(labels, predictions), parts=parts)

    assert found == pytest.approx(
        {
            "mae": sk.mean_absolute_error(labels, predictions),
            "rmse": sk.root_mean_squared_error(labels, predictions),
            "r2": sk.r2_score(labels, predictions),
            "mean_bias": np.mean(predictions - labels),
            "mape": sk.mean_absolute_percentage_error(labels, predictions),
            "example_count": 3_000,
        }
    )


def test_the_prediction_of_the_named_model_counts(rows):
    labels, predictions = (part[:100] for part in rows)

    named = _compute(_elements(labels, predictions, "baseline"), model="baseline")

    assert named == _compute(_elements(labels, predictions))


def test_r2_keeps_its_digits_for_labels_far_from_zero(rows):
    years = 2e6 + np.arange(2_500) % 7
    predictions = years + np.tile([-0.5, 0.5], 1_250)

    found = compute(RegressionMetric("r2"), _elements(years, predictions), parts=3)

    assert found == pytest.approx(1 - 0.25 / years.var(), abs=1e-9)


def test_a_label_may_be_a_whole_number():
    assert compute(RegressionMetric("mae"), _elements([1, 2, 3], [1.0, 2.0, 6.0])) == 1


def test_a_zero_label_leaves_only_the_relative_error_undefined():
    found = _compute(_elements([0.0, 2.0], [0.0, 3.0]))

    assert {name for name, value in found.items() if np.isnan(value)} == {"mape"}


def test_labels_that_are_all_the_same_have_no_r2():
    found = _compute(_elements([0.1] * 3, [0.1, 0.3, 0.2]))

    assert {name for name, value in found.items() if np.isnan(value)} == {"r2"}


def test_a_small_sample_has_all_rows(rows):
    labels, predictions = rows

    sample = _sample(_elements(labels, predictions), parts=3)

    expected = sorted(zip(labels, predictions.astype(float), strict=True))
    np.testing.assert_allclose(sorted(map(tuple, sample)), expected, rtol=1e-6)


def test_the_sample_is_bounded_and_the_same_in_any_order():
    elements = _elements(np.arange(SAMPLE_ROWS + 2_000), np.arange(SAMPLE_ROWS + 2_000))
    shuffled = random.Random(0).sample(elements, len(elements))

    sample = _sample(elements)

    assert len(sample) == SAMPLE_ROWS
    assert sample == _sample(shuffled, parts=4)
    # The sample represents all rows: the mean is within four standard errors.
    assert np.mean(sample) == pytest.approx(3_500, abs=4 * 2_021 / np.sqrt(SAMPLE_ROWS))


def test_rows_with_the_same_label_and_prediction_are_sampled_one_by_one():
    elements = _elements([1, 2, 3, 4] * 2_000, [0.0] * 8_000)

    shares = np.bincount([int(label) for label, _ in _sample(elements)])[1:] / SAMPLE_ROWS

    assert shares == pytest.approx([0.25] * 4, abs=0.02)


def test_the_sample_is_valid_json_whatever_the_model_predicts():
    assert _sample(_elements([1.0, 2.0, 3.0], [float("nan"), 2.5, float("inf")])) == [[2.0, 2.5]]


def test_metrics_and_sample_share_one_accumulation():
    metrics = [*map(RegressionMetric, NAMES), PredictionSample(SAMPLE)]

    assert (
        len({metric.computations(model_names=["candidate"])[0].keys[0] for metric in metrics}) == 1
    )
