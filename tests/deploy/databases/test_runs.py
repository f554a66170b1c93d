"""Whole runs over a server, with each stage in a process of its own."""

import contextlib
import json
import os
import threading
import time
from pathlib import Path

import pytest

from components.open_store import open_store
from pipelines.records import history
from pipelines.records.metadata_store import connection_config
from pipelines.root import Root
from tests.deploy.databases.commands import (
    compiled,
    finish,
    place,
    run_stages,
    shown,
    start,
    tutorials,
)
from tests.deploy.databases.servers import SECRET

QUICK = ("--param", "epochs=3")


class CommandLines:
    """Watches the command lines of all processes for a text, several times a second."""

    def __init__(self, text: str):
        self.found: set[str] = set()
        self.seen = 0
        self._text = text.encode()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def _watch(self):
        while not self._end.wait(0.1):
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):  # it has just ended
                    line = file.read_bytes()
                    self.seen += b"run-node" in line
                    if self._text in line:
                        self.found.add(line.decode(errors="replace"))


@pytest.fixture(scope="session")
def sqlite_metrics(tmp_path_factory):
    """The metrics of the same pipeline over SQLite."""
    folder = tmp_path_factory.mktemp("sqlite")
    root = Root.at(folder / "runs")
    run_stages(compiled("census", root, folder / "plan", *QUICK), "census-1")
    return shown("census", root, "census-1")["metrics"]


def test_separate_processes_have_the_metrics_of_sqlite_and_leave_the_password_nowhere(
    server, database, root, tmp_path, sqlite_metrics
):
    with CommandLines(SECRET) as lines:
        plan = compiled("census", root, tmp_path / "plan", *QUICK)
        stages = run_stages(plan, "census-1")
        result = shown("census", root, "census-1")
        listed = tutorials("runs", *place(root))

    assert result["metrics"] == pytest.approx(sqlite_metrics, abs=1e-6)
    assert result["blessed"]
    assert Path(result["report"]).exists()
    assert "census-1" in listed.stdout

    assert lines.seen, "the watcher saw no stage"
    assert not lines.found
    printed = "".join(done.stdout + done.stderr for done in [*stages, listed])
    assert SECRET not in printed
    assert _files_with(SECRET, tmp_path) == []
    assert _files_with("census-1", tmp_path), "the search finds nothing at all"
    dump = server.dump(database)
    assert "CsvExampleGen" in dump
    assert SECRET not in dump

    again = run_stages(plan, "census-2")
    states = [json.loads(done.stdout.splitlines()[-1])["states"] for done in again]
    always = {"Baseline", "Report"}  # which read the earlier runs
    assert {s for stage in states for n, s in stage.items() if n not in always} == {"cached"}


def test_two_runs_of_one_pipeline_and_one_of_another_at_once(server, database, root, tmp_path):
    first = compiled("census", root, tmp_path / "first", *QUICK)
    other = compiled("california_housing", root, tmp_path / "other", "--param", "trees=30")
    processes = {
        run_id: start("run-node", plan, "--run-id", run_id)
        for run_id, plan in (
            ("census-a", first),
            ("census-b", first),
            ("california_housing-a", other),
        )
    }
    for run_id, process in processes.items():
        done = finish(process)
        assert done.returncode in (0, 1), f"{run_id}: {done.stderr}"

    runs = {run.run_id: run for run in history.runs(root)}
    assert runs.keys() == processes.keys()
    for run in runs.values():
        assert run.finished
        assert run.summary["metrics"]
        _assert_own_lineage(run)
    assert _metrics(runs["census-a"]) == pytest.approx(_metrics(runs["census-b"]), abs=1e-6)
    pushed = [run.pushed_model for run in runs.values() if run.pushed_model]
    assert len(set(pushed)) == len(pushed) >= 1
    for model in pushed:
        assert (model / "saved_model.pb").is_file()
    types = server.query(database, "SELECT name FROM Type")
    assert len(types) == len(set(types))
    ids = [node.artifacts[0].id for run in runs.values() for node in run.nodes if node.artifacts]
    assert open_store(connection_config(root)).get_artifacts_by_id(ids)


def test_a_restarted_server_ends_a_stage_with_75_and_the_retry_succeeds(server, root, tmp_path):
    plan = compiled("census", root, tmp_path / "plan", "--param", "epochs=30")
    assert tutorials("run-node", plan, "--run-id", "r", "--stage", "data").returncode == 0

    process = start("run-node", plan, "--run-id", "r", "--stage", "train")
    begun = root.path / "pipelines/census/Trainer/.system/executor_execution"
    deadline = time.monotonic() + 300
    while not (begun.exists() and any(begun.iterdir())):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    server.stop()
    try:
        done = finish(process)
        away = tutorials("runs", *place(root))
    finally:
        server.start()

    assert done.returncode == 75, done.stderr
    assert "Traceback" not in done.stderr
    assert away.returncode == 75
    (line,) = away.stderr.splitlines()
    assert f"127.0.0.1:{server.port} cannot be reached" in line

    again = tutorials("run-node", plan, "--run-id", "r", "--stage", "train")
    assert again.returncode == 0, again.stderr
    states = json.loads(again.stdout.splitlines()[-1])["states"]
    assert states == {"Transform": "done", "Trainer": "run"}
    (run,) = history.runs(root)
    assert [node.state for node in run.nodes if node.node_id == "Transform"] == ["run"]


def _metrics(run):
    return run.summary["metrics"]


def _assert_own_lineage(run):
    """Each node reads what the nodes of the same run wrote or took from the cache."""
    written = {artifact.id for node in run.nodes for artifact in node.artifacts}
    for node in run.nodes:
        if node.node_id != "Baseline":  # which reads the models of other runs
            read = {a.id for a in node.inputs if a.key not in ("baseline_model",)}
            assert read <= written, (run.run_id, node.node_id)


def _files_with(text: str, folder: Path) -> list[Path]:
    """Returns the files that contain a text."""
    return [
        Path(path, name)
        for path, _, names in os.walk(folder)
        for name in names
        if text.encode() in Path(path, name).read_bytes()
    ]
