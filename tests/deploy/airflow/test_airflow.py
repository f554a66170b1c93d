"""Whole runs through the real scheduler of each version of Airflow."""

import json
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlparse
from zoneinfo import ZoneInfo

import pytest

from tests.deploy.airflow.deployment import Deployed, Run, deploy
from tests.deploy.airflow.server import PASSWORD
from tests.e2e.harness import TUTORIALS


@pytest.fixture(scope="module")
def root(airflow, tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp(f"root-{airflow.version}") / "runs"


@pytest.fixture(scope="module")
def deployed(airflow, root) -> Deployed:
    return deploy(airflow, "census", root)


@pytest.fixture(scope="module")
def killed(deployed) -> Run:
    """The first run, whose process was killed in mid-training."""
    run_id = deployed.airflow.trigger("census")
    deployed.kill_in("Trainer", run_id)
    return deployed.finish(run_id)


@pytest.fixture(scope="module")
def cached(deployed, killed) -> Run:
    """A second run, with nothing changed."""
    return deployed.run()


def show(root: Path, run_id: str) -> dict:
    command = [TUTORIALS, "show", "census", "--json", "--root", root, "--run", f"census-{run_id}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


def test_a_killed_task_is_retried_and_the_run_succeeds(deployed, root, killed):
    stage = deployed.stage_of("Trainer")

    assert killed.state == "success"
    assert set(killed.tasks.values()) == {"success"}
    assert killed.attempts(stage) == 2
    assert "return code -9" in killed.log(stage)
    results = show(root, killed.run_id)
    assert results["blessed"]
    assert Path(results["pushed_model"]).is_dir()


def test_the_second_run_is_cached(root, killed, cached):
    states = cached.states()

    assert cached.state == "success"
    assert set(cached.tasks.values()) == {"success"}
    assert states["Trainer"] == states["Transform"] == states["Evaluator"] == "cached"
    assert show(root, cached.run_id)["metrics"] == show(root, killed.run_id)["metrics"]


def test_the_report_is_in_xcom_and_a_link(deployed, killed):
    stage = deployed.stage_of("Report")

    report = Path(killed.results(stage)["report"])
    links = deployed.airflow.links("census", killed.run_id, stage)

    assert "<html" in report.read_text()
    assert unquote(urlparse(links["Report"]).path) == str(report)


def test_a_closed_gate_skips_the_rest_and_fails_the_run(airflow, root, cached, tmp_path_factory):
    refused = deploy(airflow, "refused", root, "--data", str(bad_data(root, tmp_path_factory)))

    run = refused.run()

    assert run.state == "failed"
    assert run.tasks["check"] == "failed"
    assert run.attempts("check") == 1
    assert run.tasks[refused.stage_of("Trainer")] == "skipped"
    assert run.tasks[refused.stage_of("Report")] == "success"
    assert run.states()["Trainer"] == "skipped"
    assert "Astronaut" in Path(run.results(refused.stage_of("Report"))["report"]).read_text()


def bad_data(root: Path, tmp_path_factory) -> Path:
    """Returns a copy of the sample with people of an unknown occupation."""
    (sample,) = (root / "samples").iterdir()
    folder = tmp_path_factory.mktemp("bad")
    row = (
        "150, Private, {}, Bachelors, 13, Never-married, Astronaut, Not-in-family, White, "
        "Male, 2174, 0, 40, United-States, <=50K\n"
    )
    for file in sample.iterdir():
        text = file.read_text()
        if file.name == "adult.data":
            text = text.rstrip("\n") + "\n" + "".join(map(row.format, range(1, 201)))
        (folder / file.name).write_text(text)
    return folder


def test_the_schedule_is_understood(airflow, root):
    schedule = ("--schedule", "0 3 * * *", "--option", "timezone=Europe/Berlin")
    deploy(airflow, "nightly", root, *schedule)

    dag = airflow.dag("nightly")

    start, end = (
        datetime.fromisoformat(dag[f"next_dagrun_data_interval_{side}"].replace("Z", "+00:00"))
        for side in ("start", "end")
    )
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime.now(berlin)
    last = now.replace(hour=3, minute=0, second=0, microsecond=0)
    if last > now:
        last -= timedelta(days=1)
    # Without catching up, the first run is that of the last interval that has ended.
    assert (start, end) == (last - timedelta(days=1), last)
    assert dag["is_paused"]


def test_no_password_is_written(airflow, killed):
    files = [file for file in airflow.home.rglob("*") if file.is_file()]

    assert not [file for file in files if PASSWORD.encode() in file.read_bytes()]
