"""Training curves, and the epoch that was kept."""

import shutil
from dataclasses import replace

import pytest

from components.report.sections import training
from trainer_modules.shared.history import write_choice, write_history


@pytest.fixture
def run(evidence, tmp_path):
    made = evidence()
    folder = tmp_path / "model_run"
    shutil.copytree(made.model_run, folder)
    return replace(made, model_run=folder)


def _lines_across(section):
    return [
        [layer["mark"]["type"] for layer in chart.get("layer", [])]
        for chart in section.charts.values()
    ]


def test_the_epoch_kept_is_the_one_that_the_trainer_names(run):
    write_choice(run.model_run, kept=3, most=20)

    section = training.build(run)

    assert section.values["choice"] == {"kept": 3, "most": 20, "again": False}
    assert section.values["epochs"] == 8
    assert _lines_across(section) == [["rule", "line"]] * 3


def test_a_trainer_that_names_none_has_curves_without_a_line(run):
    section = training.build(run)

    assert section.values["choice"] == {}
    assert _lines_across(section) == [[]] * 3


def test_a_model_learnt_in_one_go_has_no_curves(run):
    write_history(run.model_run, [{"loss": 0.1}])

    assert training.build(run) is None


def test_a_long_history_is_thinned_but_keeps_its_last_value(run):
    write_history(run.model_run, [{"loss": 1 / n} for n in range(1, 5_001)])

    (chart,) = training.build(run).charts.values()

    rows = chart["data"]["values"]
    assert 100 <= len(rows) <= 401
    assert rows[-1]["epoch"] == 5_000
