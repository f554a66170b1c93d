"""The sections of a regression."""

from dataclasses import replace

import numpy as np
import pytest

from components.report import page
from components.report.sections import label_quantiles, largest_errors, residuals, verdict
from tests.components.report.regression import ROWS, regression


def _rows(chart, layer=None):
    return (chart if layer is None else chart["layer"][layer])["data"]["values"]


def test_the_histogram_has_all_rows_and_the_scatter_plots_some(evidence):
    run = regression(evidence)

    section = residuals.build(run)

    bars = _rows(section.charts["histogram of residuals"])
    assert sum(bar["rows"] for bar in bars) == ROWS
    points = _rows(section.charts["residuals against predicted values"], layer=1)
    assert len(points) == section.values["points"] == 1_000
    for point, (label, predicted) in zip(points, run.samples[""], strict=False):
        assert point["residual"] == pytest.approx(predicted - label)


def test_groups_of_the_label_hold_a_tenth_of_the_rows_each(evidence):
    run = regression(evidence)

    groups = label_quantiles.build(run).values["groups"]

    labels, predictions = run.samples[""].T
    first = labels <= np.quantile(labels, 0.1)
    assert [group.rows for group in groups] == [ROWS // 10] * 10
    assert groups[0].low == labels.min()
    assert groups[0].mae == pytest.approx(np.abs(predictions - labels)[first].mean())
    assert groups[0].mean_bias == pytest.approx((predictions - labels)[first].mean())
    assert groups[-1].high == labels.max()


def test_rows_with_the_same_label_are_in_one_group(evidence):
    labels = np.repeat([1.0, 2.0, 3.0], [100, 800, 100])
    sample = np.stack([labels, labels + 0.5], axis=1)
    run = replace(regression(evidence), samples={"": sample})

    groups = label_quantiles.build(run).values["groups"]

    assert [(group.low, group.high, group.rows) for group in groups] == [
        (1, 1, 100),
        (2, 2, 800),
        (3, 3, 100),
    ]


def test_the_largest_errors_have_their_residuals_and_features(evidence):
    run = regression(evidence)

    section = largest_errors.build(run)

    residual = [row["residual"] for row in section.values["rows"]]
    labels, predictions = run.samples[""].T
    assert abs(residual[0]) == pytest.approx(np.abs(predictions - labels).max())
    assert section.values["features"] == ["rooms", "median_income", "bedrooms"]
    assert section.values["rows"][0]["texts"] == {
        "rooms": "5",
        "median_income": "8.3252",
        "bedrooms": "–",
    }


def test_a_prediction_that_is_not_a_number_has_no_residual(evidence):
    error = {"label": 1.5, "predicted": None, "features": {}}

    (row,) = largest_errors.build(regression(evidence, errors=[error])).values["rows"]

    assert row["residual"] is None


@pytest.mark.parametrize("section", [residuals, label_quantiles, largest_errors])
def test_without_an_evaluation_there_is_no_section(evidence, section):
    assert section.build(replace(regression(evidence, errors=[]), samples={})) is None


def test_a_maximum_has_its_margin(evidence):
    run = regression(evidence, metrics={"rmse": 0.75}, baseline={"rmse": 0.6})

    found = verdict.checks(run)

    assert [check["better"] for check in found] == ["lower", "lower"]
    assert [check["limit"] for check in found] == pytest.approx([0.7, 0.7])
    assert [check["margin"] for check in found] == pytest.approx([-0.05, -0.05])


def test_the_page_mentions_that_it_shows_a_sample(evidence, tmp_path):
    run = regression(evidence)
    run.summary["metrics"]["example_count"] = 1e6

    html = page.report(run, tmp_path)

    assert "standard errors from a random sample of 3,000 rows" in html
    assert "a random sample of 3,000 of 1,000,000 rows of the test split" in html
    assert "A random sample of 3,000 rows of the test split in 10 groups" in html
