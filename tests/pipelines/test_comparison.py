"""Runs side by side."""

import json
from pathlib import Path

import pytest

from components.errors import UsageError, UserError
from pipelines import history
from pipelines.comparison import compare
from tests.metadata_store import Store

BLESSED = {
    "gate_passed": True,
    "blessed": True,
    "metrics": {"accuracy": 0.9, "auc": 0.95},
    "failures": [],
    "anomalies": [],
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    store = Store(tmp_path)
    narrow = {"hidden_units": [4], "dropout": 0.0, "epochs": 2}
    folder = store.finished("imdb", "imdb-1", BLESSED, parameters=json.dumps(narrow))
    (folder / "history.csv").write_text("epoch,loss,val_loss\n0,0.5,0.6\n1,0.4,\n")
    wide = {**narrow, "hidden_units": [512, 16]}
    not_blessed = {**BLESSED, "blessed": False, "metrics": {"accuracy": 0.8}}
    store.finished("imdb", "imdb-2", not_blessed, parameters=json.dumps(wide))
    store.finished("census", "census-1", BLESSED, parameters='{"model_type": "wide"}', seed="7")
    store.run("imdb", "imdb-3", nodes='["Trainer"]', data="x", seed="0", parameters="{}")
    return tmp_path


def test_only_what_differs_is_set_apart(root):
    comparison = compare(history.named(root, ["imdb-1", "imdb-2"]))

    assert comparison.labels == ("A", "B")
    assert comparison.settings == {"hidden_units": ("4", "512,16")}
    assert comparison.shared == {
        "tutorial": "imdb",
        "data": "embedded sample",
        "seed": "0",
        "dropout": "0.0",
        "epochs": "2",
    }
    assert comparison.metrics == {"accuracy": (0.9, 0.8), "auc": (0.95, None)}
    assert [outcome.text for outcome in comparison.outcomes] == ["blessed", "not blessed"]


def test_curves_are_read_where_there_are_some(root):
    comparison = compare(history.named(root, ["imdb-2", "imdb-1"]))

    assert comparison.histories == (
        [],
        [{"loss": 0.5, "val_loss": 0.6}, {"loss": 0.4}],
    )


def test_runs_of_several_tutorials_compare(root):
    comparison = compare(history.named(root, ["imdb-1", "census-1"]))

    assert comparison.settings["tutorial"] == ("imdb", "census")
    assert comparison.settings["model_type"] == (None, "wide")
    assert set(comparison.seconds) == {"Trainer", "Report"}


def test_a_run_that_did_not_finish_compares(root):
    comparison = compare(history.named(root, ["imdb-1", "imdb-3"]))

    assert comparison.outcomes[1].text == "did not finish"
    assert comparison.metrics["accuracy"] == (0.9, None)


def test_an_unknown_run_is_named(root):
    with pytest.raises(UserError, match="There is no run imdb-9"):
        history.named(root, ["imdb-1", "imdb-9"])


@pytest.mark.parametrize("run_ids", [["imdb-1"], ["imdb-1", "imdb-1"], ["imdb-1"] * 27])
def test_what_is_no_comparison_is_refused(root, run_ids):
    with pytest.raises(UsageError):
        compare(history.named(root, run_ids))


def test_the_newest_run_of_all_tutorials_comes_first(root):
    assert [run.run_id for run in history.runs(root)] == ["imdb-3", "census-1", "imdb-2", "imdb-1"]
    assert [run.run_id for run in history.runs(root, "imdb", limit=2)] == ["imdb-3", "imdb-2"]
