"""A compiled plan, run in processes of its own as orchestrators do."""

import json
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from pipelines.records import results
from tests.e2e.harness import QUICK, SHELL, TUTORIALS, Done, First, Root, finish, sentence

STAGES = ("data", "train", "evaluate")


@dataclass(frozen=True)
class Plan:
    """A compiled plan and its root."""

    folder: Path
    root: Root

    def start(self, run_id: str, *arguments: str) -> subprocess.Popen[str]:
        command = [TUTORIALS, "run-node", self.folder, "--run-id", run_id, *arguments]
        return subprocess.Popen(
            list(map(str, command)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**SHELL, "COLUMNS": "200"},
        )

    def run(self, run_id: str, *arguments: str) -> Done:
        return finish(self.start(run_id, *arguments))

    def stage(self, run_id: str, name: str) -> dict[str, Any]:
        """Runs a stage and returns the last line of its output."""
        done = self.run(run_id, "--stage", name)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])


def tutorials(*arguments: Path | str) -> Done:
    command = [TUTORIALS, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def compiled(
    folder: Path, root: Root, data: Path | str = "sample", arguments: tuple[str, ...] = QUICK
) -> Plan:
    command = ["compile", root.tutorial, "--root", root.path, "--data", data, *arguments]
    done = tutorials(*command, "-o", folder)
    assert done.returncode == 0, done.stderr
    return Plan(folder, root)


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Plan:
    folder = tmp_path_factory.mktemp("nodes")
    return compiled(folder / "plan", Root(folder / "runs"))


@pytest.fixture(scope="module")
def outputs(plan) -> list[dict[str, Any]]:
    return [plan.stage("census-1", name) for name in STAGES]


@pytest.fixture
def refused(first, tmp_path) -> Plan:
    """A plan for data that the gate refuses: one row per unknown occupation."""
    row = (first.data / "adult.data").read_text().splitlines()[0].split(", ")
    data = tmp_path / "data"
    shutil.copytree(first.data, data)
    with (data / "adult.data").open("a") as file:
        for weight in range(200):
            row[2], row[6] = str(weight), "Astronaut"
            file.write(", ".join(row) + "\n")
    return compiled(tmp_path / "plan", Root(tmp_path / "runs"), data)


def test_stages_in_processes_of_their_own_give_the_results_of_a_local_run(first, plan, outputs):
    states = {node: state for output in outputs for node, state in output["states"].items()}
    run = plan.root.runs()[0]

    assert list(states) == [node.node_id for node in run.nodes]
    assert set(states.values()) == {"run"}
    assert run.finished
    # Sums of floats depend on the order in which Beam adds them.
    assert results.as_json(run)["metrics"] == pytest.approx(first.json["metrics"], rel=1e-6)
    assert outputs[-1]["blessed"] is True
    assert Path(outputs[-1]["pushed_model"], "saved_model.pb").is_file()
    assert Path(outputs[-1]["report"]).is_file()


def test_a_local_run_and_a_plan_share_their_cache(plan, outputs):
    done = plan.root.run(*QUICK)

    assert done.returncode == 0, done.stderr
    assert {n: s for n, s in plan.root.states().items() if n not in ("Baseline", "Report")} == {
        node: "cached"
        for output in outputs
        for node in output["states"]
        if node not in ("Baseline", "Report")
    }


def test_a_cached_stage_ends_without_tensorflow(plan, outputs):
    plan.stage("census-2", "data")
    program = (
        "import sys; from pipelines import cli\n"
        "try: cli.main()\n"
        "except SystemExit as end: print('tensorflow.python' in sys.modules, end.code)"
    )
    command = ["run-node", str(plan.folder), "--run-id", "census-2", "--stage", "train"]

    done = subprocess.run(
        [TUTORIALS.with_name("python"), "-c", program, *command],
        capture_output=True,
        text=True,
        check=True,
    )

    *_, last, ended = done.stdout.splitlines()
    assert json.loads(last)["states"] == {"Transform": "cached", "Trainer": "cached"}
    assert ended == "False 0"


def test_a_stage_that_is_started_again_or_twice_publishes_once(plan, outputs):
    before = plan.root.served()
    processes = [plan.start("census-1", "--stage", "evaluate") for _ in range(2)]

    for process in processes:
        done = finish(process)
        assert done.returncode == 0, done.stderr
        states = json.loads(done.stdout.splitlines()[-1])["states"]
        assert set(states.values()) == {"done"}
    assert plan.root.served() == before


def test_a_killed_stage_continues_when_it_is_tried_again(first, tmp_path):
    plan = compiled(tmp_path / "plan", Root(tmp_path / "runs"))
    plan.stage("census-1", "data")
    process = plan.start("census-1", "--stage", "train")
    while not plan.root.begun("Trainer"):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.kill()
    finish(process)

    again = plan.stage("census-1", "train")

    assert again["states"] == {"Transform": "done", "Trainer": "run"}
    assert plan.stage("census-1", "evaluate")["blessed"] is True
    (run,) = plan.root.runs()
    assert [node.state for node in run.nodes if node.node_id == "Trainer"] == ["run"]


def test_compiling_can_run_the_first_stage_in_the_same_process(tmp_path):
    root = Root(tmp_path / "runs")
    plan = compiled(tmp_path / "plan", root, arguments=(*QUICK, "--run-id", "a", "--stage", "data"))

    assert root.states()["DataGate"] == "run"
    assert plan.stage("a", "data")["states"]["DataGate"] == "done"


def test_a_stage_that_is_asked_to_end_can_be_tried_again(plan, outputs):
    plan.stage("census-4", "data")
    process = plan.start("census-4", "--node", "Transform", "--node", "Trainer")
    while not plan.root.path.joinpath("logs", "census-4.log").read_text().count("[Transform]"):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)

    done = finish(process)

    assert done.returncode == 75
    assert "Interrupted in Tr" in sentence(done)


def test_a_locked_root_is_worth_another_try(plan):
    plan.root.path.mkdir(parents=True, exist_ok=True)
    with FileLock(plan.root.path / ".lock"):
        done = plan.run("census-5", "--stage", "data", "--wait", "0")

    assert done.returncode == 75
    assert sentence(done).startswith("Error: Another run is using")


def test_stages_after_a_closed_gate_are_skipped(refused):
    assert refused.stage("census-1", "data")["gate_passed"] is False
    states = refused.stage("census-1", "train")["states"]
    assert states == {"Transform": "skipped", "Trainer": "skipped"}
    last = refused.stage("census-1", "evaluate")
    assert last["states"].pop("Report") == "run"
    assert set(last["states"].values()) == {"skipped"}
    assert "Astronaut" in Path(last["report"]).read_text()
    assert not refused.root.served()

    checked = tutorials(
        "show", "census", "--root", refused.root.path, "--run", "census-1", "--check"
    )
    assert checked.returncode == 1
    assert "Error: The data was refused." in checked.stderr

    whole = refused.run("census-2")
    assert whole.returncode == 1
    assert "Error: The data was refused." in whole.stderr


def test_a_root_that_is_not_mounted_is_refused(plan, outputs, tmp_path):
    identity = plan.root.path / ".root-id"
    hidden = identity.rename(tmp_path / "hidden")
    try:
        done = plan.run("census-6", "--stage", "data")
    finally:
        hidden.rename(identity)

    assert done.returncode == 1
    assert f"{plan.root.path} is not the folder that the earlier runs used" in sentence(done)


def test_a_run_of_another_plan_keeps_its_name(plan, outputs, tmp_path):
    other = compiled(tmp_path / "other", plan.root, arguments=("--seed", "7"))

    done = other.run("census-1", "--stage", "data")

    assert done.returncode == 2
    assert "The run census-1 exists and was started from another plan." in sentence(done)


def test_each_run_reads_the_span_that_it_is_given(first: First, tmp_path):
    for day in ("2026-01-30", "2026-01-31"):
        shutil.copytree(first.data, tmp_path / "data" / day)
    os.truncate(tmp_path / "data" / "2026-01-30" / "adult.data", 0)
    pattern = tmp_path / "data" / "{YYYY}-{MM}-{DD}"
    plan = compiled(tmp_path / "plan", Root(tmp_path / "runs"), pattern)

    latest = plan.run("census-1", "--node", "CsvExampleGen")
    older = plan.run("census-2", "--node", "CsvExampleGen", "--span", "2026-01-30")

    assert latest.returncode == 0, latest.stderr
    assert older.returncode == 1
    assert f"{tmp_path}/data/2026-01-30/adult.data" in sentence(older)
