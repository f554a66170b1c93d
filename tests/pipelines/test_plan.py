"""What makes two runs the same."""

import dataclasses
from pathlib import Path

import pytest

from pipelines.registry import load
from pipelines.datasets.layouts import DataSet
from pipelines.plan import Plan


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    tutorial = load("census")
    file = tmp_path / "data" / "adult.data"
    file.parent.mkdir()
    file.write_text("row\n")
    data = DataSet(file.parent, "folder", {"train": file.name}, (file,), official=True)
    return Plan(tutorial, data, tmp_path / "runs", spec.parameters())


def test_equal_plans_have_equal_fingerprints(plan):
    assert dataclasses.replace(plan).fingerprint == plan.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"parameters": load("census").parameters(epochs=3)},
        {"seed": 1},
        {"until": "Trainer"},
    ],
    ids=["parameters", "seed", "until"],
)
def test_what_changes_the_outcome_changes_the_fingerprint(plan, change):
    assert dataclasses.replace(plan, **change).fingerprint != plan.fingerprint


def test_changed_data_changes_the_fingerprint(plan):
    before = plan.fingerprint

    plan.data.files[0].write_text("another row\n")

    assert dataclasses.replace(plan).fingerprint != before


def test_how_it_is_run_does_not_change_the_fingerprint(plan):
    elsewhere = dataclasses.replace(plan, beam_args=("--direct_num_workers=2",), cache=False)

    assert elsewhere.fingerprint == plan.fingerprint
