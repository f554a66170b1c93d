"""The results of runs in a real ML Metadata store."""

import json
from contextlib import contextmanager

import pytest
from filelock import FileLock

from pipelines.records import history
from pipelines.records.results import Outcome, as_json, outcome, problems, refused
from pipelines.root import Root
from tests.metadata_store import STATES, Store

SUMMARY = {"gate_passed": True, "blessed": True, "metrics": {}, "failures": []}


def only(folder):
    (run,) = history.runs(Root.at(folder))
    return run


@pytest.fixture
def other_process(tmp_path):
    """`with other_process("RUN"):` is the time in which another process runs RUN."""

    @contextmanager
    def running(run_id):
        root = Root.at(tmp_path)
        with FileLock(root.lock_file):
            root.running_file.write_text(run_id)
            yield

    return running


def test_a_run_in_progress_is_shown_as_running(tmp_path, other_process):
    store = Store(tmp_path)
    store.node(store.begun("census", "census-1"), "Trainer", state=STATES.RUNNING)

    with other_process("census-1"):
        assert outcome(only(tmp_path)) == Outcome("running (Trainer)", None)
    assert outcome(only(tmp_path)) == Outcome("did not finish", False)


def test_earlier_runs_are_not_running(tmp_path, other_process):
    store = Store(tmp_path)
    for run_id in ("census-1", "census-2"):
        store.node(store.begun("census", run_id), "Trainer", state=STATES.RUNNING)

    with other_process("census-2"):
        newest, older = history.runs(Root.at(tmp_path))
    assert (newest.running, older.running) == (True, False)

    with other_process("census-3"):  # which is still loading its libraries
        assert not any(run.running for run in history.runs(Root.at(tmp_path)))


@pytest.mark.parametrize("last", ["DataGate", "Transform", "Trainer"])
def test_a_closed_gate_is_seen_wherever_the_run_was_to_stop(tmp_path, last):
    store = Store(tmp_path)
    run = store.begun("census", "census-1", nodes=json.dumps(["DataGate", last]))
    verdict = store.artifact("GateVerdict", str(tmp_path / "verdict"))
    verdict.custom_properties["passed"].int_value = 0
    store.node(run, "DataGate", outputs={"verdict": verdict})
    (tmp_path / "verdict").mkdir()
    anomaly = {"split": "train", "feature": "age", "what": "Too high.", "allowed": False}
    (tmp_path / "verdict" / "anomalies.json").write_text(json.dumps([anomaly]))

    found = only(tmp_path)

    assert outcome(found) == Outcome("stopped at the data gate", False)
    assert refused(found)
    assert problems(found) == ["train split, age: Too high."]
    assert as_json(found)["status"] == "stopped at the data gate"


def test_a_run_that_was_to_stop_names_its_last_node(tmp_path):
    store = Store(tmp_path)
    store.node(store.begun("census", "census-1", nodes='["Trainer"]'), "Trainer")

    found = only(tmp_path)

    assert outcome(found) == Outcome("stopped after Trainer (--until)", None)
    assert not refused(found)


def test_a_model_that_is_not_blessed_is_refused_before_the_report_too(tmp_path):
    store = Store(tmp_path)
    blessing = store.artifact("ModelBlessing", str(tmp_path / "blessing"))
    blessing.custom_properties["blessed"].int_value = 0
    run = store.begun("census", "census-1", nodes='["Evaluator"]')
    store.node(run, "Evaluator", outputs={"blessing": blessing})

    found = only(tmp_path)

    assert outcome(found) == Outcome("not blessed", False)
    assert refused(found)


def test_only_the_runs_that_are_needed_are_read(tmp_path, monkeypatch):
    store = Store(tmp_path)
    for number in range(5):
        store.finished("census", f"census-{number}", SUMMARY)
    read = []
    monkeypatch.setattr(history, "nodes", lambda _, context: read.append(context.name) or ())

    assert next(history.newest_first(Root.at(tmp_path), "census")).run_id == "census-4"
    assert read == ["census-4"]
    assert len(history.runs(Root.at(tmp_path), limit=2)) == 2
    assert read == ["census-4", "census-4", "census-3"]
