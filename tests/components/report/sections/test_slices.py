"""Highlighted values of slices, and values without a meaning."""

import re
from html import unescape

import numpy as np
import pytest

from components.report import page
from components.report.sections import slices
from tests.components.report.regression import regression


def test_a_slice_is_judged_in_the_direction_of_each_metric(evidence):
    worse = slices.build(regression(evidence)).values["worse"]

    assert worse == {("near_ocean=yes", name) for name in ("rmse", "mae", "mape", "r2")}


def test_all_metrics_with_an_interval_and_a_direction_are_judged(evidence):
    run = evidence(
        metrics={"accuracy": 0.8, "recall": 0.9, "loss": 0.4, "example_count": 1000.0},
        slices={
            "gender=Female": {
                "accuracy": 0.79,
                "recall": 0.5,
                "loss": 9.0,
                "example_count": 400.0,
            }
        },
    )

    assert slices.build(run).values["worse"] == {("gender=Female", "recall")}


@pytest.mark.parametrize("better", [None, "lower"])
def test_without_that_direction_a_low_value_is_not_worse(evidence, better):
    run = evidence(declaration={"better": {"accuracy": better}})
    names = {name for name, _ in slices.build(run).values["worse"]}

    assert names == ({"gender=Male"} if better else set())


def test_a_metric_without_meaning_is_a_dash(evidence, tmp_path):
    row = {"accuracy": 0.99, "precision": None, "recall": None, "example_count": 40.0}
    run = evidence(metrics={**row, "precision": 0.5, "recall": 0.5}, slices={"job=none": row})

    html = page.report(run, tmp_path)

    (shown,) = re.findall(r"<tr><th scope=\"row\">job=none</th>.*?</tr>", html, flags=re.S)
    cells = [unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", shown, flags=re.S)]
    assert cells == ["0.9900", "–", "–", "40"]
    assert not np.any(["0.0000" in cell for cell in cells])
