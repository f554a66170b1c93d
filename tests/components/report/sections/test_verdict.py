"""The thresholds of a blessing, and the facts about a run."""

import pytest

from components.report.sections import verdict


def test_each_limit_has_its_margin(evidence):
    found = verdict.checks(evidence(metrics={"accuracy": 0.83}, baseline={"accuracy": 0.85}))

    assert [(check["metric"], check["what"]) for check in found] == [
        ("accuracy", "fixed"),
        ("accuracy", "change from the baseline"),
    ]
    assert [check["limit"] for check in found] == pytest.approx([0.8, 0.84])
    assert [check["margin"] for check in found] == pytest.approx([0.03, -0.01])


def test_without_a_baseline_there_is_no_drop(evidence):
    (check,) = verdict.checks(evidence(baseline={}))

    assert check["what"] == "fixed"


def test_what_was_not_measured_is_not_checked(evidence):
    assert verdict.checks(evidence(metrics={}, baseline={})) == []


def test_the_facts_say_how_to_make_the_run_again(evidence):
    parameters = {"epochs": 8, "learning_rate": None}

    found = verdict.facts(evidence(declaration={"parameters": parameters, "seed": 3}))

    assert found["Rows"] == "300 train, 50 eval, 100 test"
    assert found["Parameters"] == "epochs 8, learning_rate unset"
    assert found["Seed"] == "3"
    assert found["Content of the data"] == "0123456789abcdef"
    assert found["Started"] == "2026-01-01 00:00:00 UTC"
    assert found["Took"] == "7.5 s in 3 nodes, 1 of them cached"
