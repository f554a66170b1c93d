"""The text of the page."""

import re
from html import unescape

import pytest

from components.report import page
from tests.components.report.regression import regression
from tests.components.report.test_browser import ANOMALY


@pytest.fixture
def text(evidence, tmp_path):
    def read(**changes) -> str:
        return _text(page.report(evidence(**changes), tmp_path))

    return read


def _text(html):
    html = re.sub(r"<(script|style).*?</\1>", " ", html, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_a_blessed_model_is_shown_with_its_metrics(text):
    shown = text()

    assert "Blessed and pushed" in shown
    assert "/serving/census/1" in shown
    assert "accuracy fixed 0.8632 ≥ 0.8000 +0.0632" in shown
    assert "accuracy change from the baseline 0.8632 ≥ 0.8400 +0.0232" in shown
    assert "accuracy 0.8632 0.8403 to 0.8829 0.8500 +0.0132 0.8543 +0.0089" in shown
    assert "gender=Female 0.6000" in shown
    assert "epochs 8, hidden_units [16, 4]" in shown
    assert "8 epochs or rounds in 12 s" in shown
    assert "300 train" in shown


def test_an_unblessed_model_is_shown_with_the_reasons(text):
    shown = text(blessed=False, pushed_model=None, failures=["auc is 0.1 below."])

    assert "Not blessed, and not pushed" in shown
    assert "auc is 0.1 below." in shown
    assert "The model that was served before remains" in shown


def test_a_closed_gate_is_shown_with_the_anomalies_and_the_data(text):
    nothing = {"metrics": {}, "baseline": {}, "slices": {}, "blessed": False, "pushed_model": None}

    shown = text(gate_passed=False, anomalies=[ANOMALY], **nothing)

    assert "Stopped at the data gate" in shown
    assert "age train Unexpectedly large value: 150. stops the run" in shown
    assert "Fix the data" in shown
    assert "300 train" in shown
    assert "Scores" not in shown


def test_an_allowed_anomaly_is_shown_as_such(text):
    shown = text(anomalies=[{**ANOMALY, "allowed": True}])

    assert "Unexpectedly large value: 150. allowed" in shown
    assert "Stopped" not in shown


def test_the_page_stays_small(evidence, tmp_path):
    assert len(page.report(evidence(), tmp_path)) < 2_000_000


def test_a_regression_is_shown_with_its_metrics_and_limits(evidence, tmp_path):
    shown = _text(page.report(regression(evidence, scale=100_000.0), tmp_path))

    assert "rmse fixed 59,493.4 ≤ 70,000.0 +10,506.6" in shown
    assert "rmse 59,493.4 54,518.0 to 64,468.7 52,130.2 +7,363.16" in shown
    assert "count 3,000 – 2,600 +400" in shown
    assert "standard errors from all rows" in shown
    assert "850,850 −8,129.88 −858,979 5 8.3252 –" in shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.5, "0.5000"),
        (-0.00004, "−0.0000"),
        (99.99999, "100.0000"),
        (123.456789, "123.457"),
        (-1234.5678, "−1,234.57"),
        (1_234_567.8, "1,234,568"),
        (float("nan"), "–"),
        (None, "–"),
    ],
)
def test_numbers_have_the_digits_that_matter(value, shown):
    assert page._number(value) == shown
