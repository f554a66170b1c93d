"""The report page."""

from html.parser import HTMLParser

import pytest

from components.report.page import render

DECLARATION = {
    "name": "census",
    "title": "Wide & deep",
    "data": "embedded sample",
    "published": {"accuracy": 0.8543},
    "thresholds": {"accuracy": 0.8},
}
SUMMARY = {
    "gate_passed": True,
    "anomalies": [],
    "blessed": True,
    "pushed_model": "/serving/census/1",
    "metrics": {"accuracy": 0.86321, "auc": None, "example_count": 3000.0},
    "baseline": {},
    "slices": {"gender=Female": {"accuracy": 0.91234, "auc": None, "example_count": 1000.0}},
    "failures": [],
    "errors": [],
    "confusion": [],
}
ANOMALY = {
    "split": "train",
    "feature": "age",
    "type": "INT_TYPE_BIG_INT",
    "what": "Unexpectedly large value: 150.",
    "severity": "ERROR",
    "allowed": False,
}


class _Page(HTMLParser):
    """Collects a page's tags and text; knows which elements need no end tag."""

    def __init__(self, page: str):
        super().__init__()
        self.tags, self.attributes, self.words, self.open = [], [], [], []
        self.feed(page)
        self.close()
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "br", "img", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def page(declaration: dict | None = None, **summary) -> _Page:
    rendered = _Page(render({**DECLARATION, **(declaration or {})}, {**SUMMARY, **summary}))
    assert rendered.open == []
    return rendered


def test_a_blessed_model_is_shown_with_its_figures():
    text = page().text

    assert "Blessed and pushed" in text
    assert "/serving/census/1" in text
    assert "0.8632" in text
    assert "0.8543" in text
    assert "gender=Female" in text
    assert "0.9123" in text


def test_an_unblessed_model_is_shown_with_the_reasons():
    text = page(blessed=False, pushed_model=None, failures=["auc is 0.1 below."]).text

    assert "Not blessed" in text
    assert "auc is 0.1 below." in text


def test_a_closed_gate_is_shown_with_the_anomalies():
    empty = {"metrics": {}, "slices": {}, "blessed": False, "pushed_model": None}

    text = page(gate_passed=False, anomalies=[ANOMALY], **empty).text

    assert "Stopped at the data gate" in text
    assert "Unexpectedly large value: 150." in text
    assert "stops the run" in text
    assert "Metrics" not in text


def test_an_allowed_anomaly_is_shown_as_such():
    text = page(anomalies=[{**ANOMALY, "allowed": True}]).text

    assert "allowed" in text
    assert "Stopped" not in text


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "'); alert(1); ('",
        "{{ 7 * 7 }}{% raw %}",
        "</style></head>&amp;",
    ],
)
def test_text_from_the_data_stays_text(hostile):
    plain = page(anomalies=[ANOMALY], failures=["x"])

    shown = page(
        {"title": hostile, "data": hostile, "name": hostile},
        anomalies=[{**ANOMALY, "feature": hostile, "what": hostile, "split": hostile}],
        slices={hostile: SUMMARY["slices"]["gender=Female"]},
        pushed_model=hostile,
    )

    assert shown.tags == plain.tags
    assert shown.attributes == plain.attributes
    assert shown.text.count(" ".join(hostile.split())) >= 7


def test_hostile_failures_stay_text():
    failures = ["<b>auc</b> {{ config }}"]

    assert failures[0] in page(blessed=False, failures=failures).text
