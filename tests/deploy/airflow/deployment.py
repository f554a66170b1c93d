"""Deploys to a running Airflow with the real command."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.deploy.airflow.server import Airflow, wait_for
from tests.e2e.harness import QUICK, TUTORIALS

NODE_SECONDS = 240


@dataclass(frozen=True)
class Deployed:
    """A deployment.

    Attributes:
        airflow: The running Airflow.
        dag_id: The name of the DAG.
        root: The root of the pipeline's runs.
        next_steps: What the command printed.
    """

    airflow: Airflow
    dag_id: str
    root: Path
    next_steps: str

    @property
    def folder(self) -> Path:
        """The folder of the DAG file."""
        return self.airflow.dags / self.dag_id

    def stage_of(self, node: str) -> str:
        """Returns the name of the stage of a node."""
        plan = json.loads((self.folder / "plan" / "plan.json").read_text())
        return next(stage["name"] for stage in plan["stages"] if node in stage["nodes"])

    def run(self) -> "Run":
        """Starts a run and waits for its end."""
        return self.finish(self.airflow.trigger(self.dag_id))

    def finish(self, run_id: str) -> "Run":
        """Waits for the end of a run."""
        state, tasks = self.airflow.finish(self.dag_id, run_id)
        return Run(self, run_id, state, tasks)

    def kill_in(self, node: str, run_id: str) -> None:
        """Waits until a run is inside a node, and kills its process."""
        begun = self.root / "pipelines" / "census" / node / ".system" / "executor_execution"
        wait_for(f"the node {node}", lambda: any(begun.glob("*")), NODE_SECONDS)
        (process,) = processes(
            lambda words: (
                "run-node" in words
                and any(word.endswith(run_id) for word in words)
                and self.stage_of(node) in words
            )
        )
        os.kill(process, 9)


@dataclass(frozen=True)
class Run:
    """A finished run: its state, and the states of its tasks."""

    deployed: Deployed
    run_id: str
    state: str
    tasks: dict[str, str]

    def attempts(self, task: str) -> int:
        """Returns how often a task was tried."""
        found = self.deployed.airflow.tasks(self.deployed.dag_id, self.run_id)
        return found[task]["try_number"]

    def results(self, task: str) -> dict[str, Any]:
        """Returns what a task has pushed to XCom."""
        return self.deployed.airflow.xcom(self.deployed.dag_id, self.run_id, task, "return_value")

    def states(self) -> dict[str, str]:
        """Returns the states of the nodes of all stages."""
        stages = [task for task in self.tasks if task != "check"]
        return {
            node: state for task in stages for node, state in self.results(task)["states"].items()
        }

    def log(self, task: str, attempt: int = 1) -> str:
        """Returns the log of a task."""
        return self.deployed.airflow.log(self.deployed.dag_id, self.run_id, task, attempt)


def deploy(airflow: Airflow, dag_id: str, root: Path, *arguments: str) -> Deployed:
    """Writes the files of a deployment, and copies them as the next steps of the command say."""
    folder = root.parent / f"deployed-{dag_id}"
    options = {"dag-id": dag_id, "retry-delay": "1"}
    command = [TUTORIALS, "deploy", "census", "--to", "airflow", "-o", folder, "--root", root]
    given = [word for option in options.items() for word in ("--option", "=".join(option))]
    done = subprocess.run(
        [*command, *QUICK, *given, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    copying = [line for line in done.stdout.splitlines() if not line.startswith("airflow ")]
    home = {"AIRFLOW_HOME": str(airflow.home), "PATH": os.environ["PATH"]}
    subprocess.run(["bash", "-euc", "\n".join(copying)], check=True, env=home, timeout=60)
    shutil.rmtree(folder)
    return Deployed(airflow, dag_id, root, done.stdout)


def processes(condition: Callable[[list[str]], bool]) -> list[int]:
    """Returns the processes whose command meets a condition."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
        except OSError:  # it has ended
            continue
        if condition(words):
            found.append(int(folder.name))
    return found
