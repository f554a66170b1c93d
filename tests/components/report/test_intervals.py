"""The metrics with intervals, and the coverage of the intervals of a regression."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from components.report.confidence import of_mean
from components.report.intervals import intervals
from tests.components.report.regression import error_metrics, regression

REGRESSION = ("rmse", "mae", "r2", "mean_bias", "mape")


def test_a_mean_has_students_interval():
    values = np.random.default_rng(0).gamma(2, 1, 25)

    found = of_mean(values.mean(), values, 25)

    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert found == pytest.approx((expected.low, expected.high))


def test_a_sample_gives_the_interval_of_all_rows():
    values = np.random.default_rng(0).normal(0, 1, 10_000)

    of_all = of_mean(0.0, values, 10_000)
    of_sample = of_mean(0.0, values[:2_000], 10_000)

    assert of_sample.high == pytest.approx(of_all.high, rel=0.05)


@pytest.mark.parametrize("values", [[1.0], [1.0, np.inf], [np.nan, 1.0]])
def test_a_mean_without_a_standard_error_has_no_interval(values):
    assert of_mean(1.0, np.array(values), 2) is None


def test_a_regression_has_intervals_of_all_its_metrics_in_every_slice(evidence):
    run = regression(evidence)

    for name in ("", "near_ocean=yes"):
        found = intervals(run, name)
        metrics = run.summary["slices"][name] if name else run.summary["metrics"]
        assert set(found) == set(REGRESSION)
        assert all(found[metric].low < metrics[metric] < found[metric].high for metric in found)


def test_a_metric_without_meaning_has_no_interval(evidence):
    run = regression(evidence)
    run.summary["metrics"]["mape"] = None

    assert set(intervals(run)) == {*REGRESSION} - {"mape"}


def test_precision_of_one_class_has_no_interval(evidence):
    slices = {"gender=Female": {"accuracy": 0.9, "precision": None, "example_count": 400.0}}

    assert set(intervals(evidence(slices=slices), "gender=Female")) == {"accuracy"}


def test_the_intervals_of_a_regression_cover_the_truth_about_as_often_as_they_say(evidence):
    random = np.random.default_rng(0)
    run = regression(evidence)

    def draw(rows):
        labels = random.gamma(3, 1, rows) + 1
        return labels, labels + random.laplace(0.1, 0.4, rows) * np.sqrt(labels)

    truth = error_metrics(*draw(1_000_000))
    covered = dict.fromkeys(REGRESSION, 0)
    for _ in range(400):
        labels, predictions = draw(300)
        drawn = replace(
            run,
            summary={**run.summary, "metrics": error_metrics(labels, predictions)},
            samples={"": np.stack([labels, predictions], axis=1)},
        )
        for name, (low, high) in intervals(drawn).items():
            covered[name] += low <= truth[name] <= high

    assert all(0.90 <= count / 400 <= 0.98 for count in covered.values()), covered
