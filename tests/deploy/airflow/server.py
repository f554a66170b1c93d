"""A running Airflow with its scheduler, controlled through its REST API."""

import os
import signal
import socket
import subprocess
import time
from ast import literal_eval
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

START_SECONDS = 180
RUN_SECONDS = 300
FINISHED = ("success", "failed")

PASSWORD = "a-password-that-nobody-may-see"
"""The metadata server's password in the environment of the workers."""


@dataclass(frozen=True)
class Airflow:
    """A running Airflow.

    Attributes:
        version: Its version.
        commands: The folder of its commands.
        home: Its folder, with `dags` and `plugins`.
        environment: The environment variables of its processes.
        url: The address of its web server.
    """

    version: str
    commands: Path
    home: Path
    environment: dict[str, str]
    url: str

    @property
    def dags(self) -> Path:
        """The folder of DAG files."""
        return self.home / "dags"

    def call(self, path: str, method: str = "GET", **json: Any) -> Any:
        """Calls the REST API."""
        api = "v1" if self.version.startswith("2.") else "v2"
        address = f"{self.url}/api/{api}/{path}"
        answer = requests.request(method, address, json=json or None, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def dag(self, dag_id: str) -> dict[str, Any]:
        """Waits until Airflow has parsed a DAG, and returns its description."""

        def found() -> Any:
            errors = self.call("importErrors")["import_errors"]
            assert not errors, errors
            dags = {dag["dag_id"]: dag for dag in self.call("dags?only_active=true")["dags"]}
            return dags.get(dag_id)

        return wait_for(f"the DAG {dag_id}", found, START_SECONDS)

    def unpause(self, dag_id: str) -> None:
        """Lets the scheduler run a DAG."""
        self.call(f"dags/{dag_id}", "PATCH", is_paused=False)

    def trigger(self, dag_id: str, **values: Any) -> str:
        """Starts a run, and returns its id."""
        self.dag(dag_id)
        self.unpause(dag_id)
        if self.version.startswith("3."):
            values["logical_date"] = None
        return self.call(f"dags/{dag_id}/dagRuns", "POST", **{"conf": {}, **values})["dag_run_id"]

    def tasks(self, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
        """Returns the task instances of a run by the name of the task."""
        answer = self.call(f"dags/{dag_id}/dagRuns/{quoted(run_id)}/taskInstances")
        return {task["task_id"]: task for task in answer["task_instances"]}

    def finish(self, dag_id: str, run_id: str) -> tuple[str, dict[str, str]]:
        """Waits for the end of a run, and returns its state and those of its tasks."""

        def finished() -> str | None:
            state = self.call(f"dags/{dag_id}/dagRuns/{quoted(run_id)}")["state"]
            return state if state in FINISHED else None

        state = wait_for(f"the run {run_id}", finished, RUN_SECONDS)
        tasks = self.tasks(dag_id, run_id)
        return state, {name: task["state"] for name, task in tasks.items()}

    def run(self, dag_id: str, **values: Any) -> tuple[str, dict[str, str]]:
        """Starts a run and waits for its end."""
        return self.finish(dag_id, self.trigger(dag_id, **values))

    def xcom(self, dag_id: str, run_id: str, task: str, key: str) -> Any:
        """Returns a value that a task has pushed to XCom."""
        place = f"dags/{dag_id}/dagRuns/{quoted(run_id)}/taskInstances/{task}"
        value = self.call(f"{place}/xcomEntries/{key}")["value"]
        # Airflow 2 shows the value as Python writes it.
        return literal_eval(value) if self.version.startswith("2.") else value

    def links(self, dag_id: str, run_id: str, task: str) -> dict[str, str]:
        """Returns the extra links of a task."""
        found = self.call(f"dags/{dag_id}/dagRuns/{quoted(run_id)}/taskInstances/{task}/links")
        return found if self.version.startswith("2.") else found["extra_links"]

    def log(self, dag_id: str, run_id: str, task: str, attempt: int = 1) -> str:
        """Returns the log of a task."""
        path = f"dag_id={dag_id}/run_id={run_id}/task_id={task}/attempt={attempt}.log"
        return (self.home / "logs" / path).read_text()


@contextmanager
def started(version: str, commands: Path, home: Path) -> Iterator[Airflow]:
    """Starts Airflow, and stops all of its processes at the end."""
    for folder in ("dags", "plugins"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    port, log_port = free_port(), free_port()
    url = f"http://localhost:{port}"
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("AIRFLOW")},
        "PATH": f"{commands}:{os.environ['PATH']}",
        "AIRFLOW_HOME": str(home),
        "TUTORIALS_METADATA_PASSWORD": PASSWORD,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(log_port),
        "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        # A new file is found within seconds, instead of minutes.
        "AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL": "2",
        "AIRFLOW__SCHEDULER__MIN_FILE_PROCESS_INTERVAL": "5",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "2",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "5",
        # The tests are the only users of a web server that no other machine reaches.
        "AIRFLOW__API__AUTH_BACKENDS": "airflow.api.auth.backend.default",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
    }
    host = ["--port", str(port), "--workers", "1"]
    environment["AIRFLOW__CORE__EXECUTOR"] = "LocalExecutor"
    if version.startswith("2."):
        # As in Airflow's own tests. SQLite is enough here, where one task runs at a time.
        environment["_AIRFLOW__SKIP_DATABASE_EXECUTOR_COMPATIBILITY_CHECK"] = "1"
        # Only the scheduler schedules, because SQLite cannot lock rows.
        environment["AIRFLOW__SCHEDULER__SCHEDULE_AFTER_TASK_EXECUTION"] = "False"
        (home / "webserver_config.py").write_text('AUTH_ROLE_PUBLIC = "Admin"\n')
        parts = [["webserver", "--hostname", "127.0.0.1", *host], ["scheduler"]]
    else:
        environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] = f"{url}/execution/"
        parts = [["api-server", "--host", "127.0.0.1", *host], ["dag-processor"], ["scheduler"]]
    logs = home / "processes.log"
    processes = []
    with logs.open("wb") as log:
        try:
            migrate = [commands / "airflow", "db", "migrate"]
            kept = {"env": environment, "stdout": log, "stderr": log}
            subprocess.run(migrate, check=True, timeout=START_SECONDS, **kept)
            for part in parts:
                command = [commands / "airflow", *part]
                processes.append(subprocess.Popen(command, start_new_session=True, **kept))
            airflow = Airflow(version, commands, home, environment, url)

            def healthy() -> bool:
                ended = [process.args for process in processes if process.poll() is not None]
                assert not ended, f"{ended} ended:\n{logs.read_text()[-3000:]}"
                try:
                    return bool(airflow.call("dags"))
                except requests.RequestException:
                    return False

            wait_for(f"Airflow {version}", healthy, START_SECONDS)
            yield airflow
        finally:
            for process in reversed(processes):
                stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and those that it has started, gently at first."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=20)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def wait_for(what: str, condition: Callable[[], Any], seconds: float) -> Any:
    """Returns what a condition returns, as soon as that is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.5)
    raise TimeoutError(f"Waited {seconds} s for {what}.")


def free_port() -> int:
    """Returns a port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def quoted(run_id: str) -> str:
    """Returns a run id for an address."""
    return requests.utils.quote(run_id, safe="")
