"""The DAG of one pipeline, for Airflow 2.11 and 3.

`tutorials deploy --to airflow` copies this file as it is; all values are in dag.json beside it. It
imports nothing of TFX or of this project, because Airflow parses it again and again.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import pendulum

try:
    from airflow.sdk import DAG, CronDataIntervalTimetable
    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

    EXPONENTIAL: float = 2  # each delay is twice the one before it
except ImportError:  # Airflow 2
    from airflow.exceptions import AirflowFailException, AirflowSkipException
    from airflow.models.dag import DAG
    from airflow.timetables.interval import CronDataIntervalTimetable

    EXPONENTIAL = True

FOLDER = Path(__file__).resolve().parent
VALUES: dict[str, Any] = json.loads((FOLDER / "dag.json").read_text(encoding="utf-8"))
KEYWORDS: dict[str, Any] = VALUES["keywords"]
PLAN: str = VALUES["plan"] or str(FOLDER / "plan")

FINAL_EXIT_CODES = (1, 2, 126, 127)
"""A failed node, wrong use, and a missing command. A retry can cure the rest: 75, and a signal."""

LONGEST_RUN_NAME = 200

if VALUES["operator"] == "docker":
    from airflow.providers.docker.operators.docker import DockerOperator as Operator
    from docker.types import Mount

    COMMAND = "command"
    mounts = [*KEYWORDS.pop("mounts"), {"source": PLAN, "target": PLAN, "read_only": True}]
    KEYWORDS["mounts"] = [Mount(type="bind", **mount) for mount in mounts]
elif VALUES["operator"] == "kubernetes":
    from airflow.providers.cncf.kubernetes.callbacks import KubernetesPodOperatorCallback
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator as Operator

    COMMAND = "arguments"

    class LastLine(KubernetesPodOperatorCallback):
        """Keeps the last line of the pod's log, which the other operators return."""

        line = ""

        @staticmethod
        def progress_callback(*, line: str, **_: Any) -> None:
            """Receives each line."""
            LastLine.line = line.strip()

    KEYWORDS["callbacks"] = LastLine
else:
    try:
        from airflow.providers.standard.operators.bash import BashOperator as Operator
    except ImportError:  # Airflow 2
        from airflow.operators.bash import BashOperator as Operator
    COMMAND = "bash_command"


class TutorialsOperator(Operator):
    """Runs a command of the project. Its exit code and its last line decide the task's state."""

    # Only the command is a template. An argument that ends with .sh or .json is not a file of one.
    template_fields = (COMMAND,)
    template_ext = ()

    def execute(self, context: Any) -> None:
        """Runs the command, and pushes the JSON of its last line to XCom.

        Raises:
            AirflowFailException: A retry cannot help.
            AirflowSkipException: Every node was skipped, because the data gate is closed.
        """
        try:
            line = super().execute(context)
        except AirflowSkipException:  # an exit code of `skip_on_exit_code`
            raise AirflowFailException(
                "The command failed, and a retry cannot help. Read its message above."
            ) from None
        results = parsed(LastLine.line if VALUES["operator"] == "kubernetes" else line)
        if results:
            context["ti"].xcom_push(key="return_value", value=results)
        if results.get("report"):
            context["ti"].xcom_push(key="report_url", value=report_url(results["report"]))
        if set(results.get("states", {}).values()) == {"skipped"}:
            raise AirflowSkipException("The data gate is closed. Read the reasons in the report.")


def parsed(line: Any) -> dict[str, Any]:
    """Returns the JSON of a command's last line; nothing if the line is something else."""
    with suppress(TypeError, ValueError):
        results = json.loads(line)
        if isinstance(results, dict):
            return results
    return {}


def report_url(report: str) -> str:
    """Returns the address of a report: on the web server that serves the root, or of the file."""
    path = PurePosixPath(report)
    if VALUES["report_url"] and path.is_relative_to(VALUES["root"]):
        return f"{VALUES['report_url']}/{quote(str(path.relative_to(VALUES['root'])))}"
    return path.as_uri()


def run_name(run_id: str) -> str:
    """Returns the name of the pipeline's run: unique, and in the characters that are allowed."""
    name = f"{VALUES['dag_id']}-{run_id}"
    allowed = re.sub(r"[^A-Za-z0-9_.:+-]", "_", name)
    if allowed == name and len(name) <= LONGEST_RUN_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{allowed[: LONGEST_RUN_NAME - 9]}-{digest}"


RUN = "{{ run_id | run_name }}"
SPAN = "{{ (dag_run.data_interval_start or dag_run.run_after) | ds }}"


def words(*values: str, quoted: Callable[[str], str] = str) -> list[str]:
    """Returns the words of a command. Jinja renders only RUN and SPAN, which need no quotes."""
    return [
        value if value in (RUN, SPAN) else re.sub(r"{[{%#]", r"{{ '\g<0>' }}", quoted(value))
        for value in values
    ]


def task(name: str, *values: str) -> TutorialsOperator:
    """Adds a task that runs a command of the project."""
    command: str | list[str] = words(*values)
    if VALUES["operator"] == "bash":
        # The command replaces the shell, so that Airflow sees its exit code or signal.
        command = " ".join(["exec", *words(VALUES["executable"], *values, quoted=shlex.quote)])
    return TutorialsOperator(
        task_id=name, skip_on_exit_code=FINAL_EXIT_CODES, **{COMMAND: command}, **KEYWORDS
    )


cron = VALUES["schedule"]
with DAG(
    VALUES["dag_id"],
    description=VALUES["title"],
    # A plain cron expression has data intervals in Airflow 2 only.
    schedule=CronDataIntervalTimetable(cron, VALUES["timezone"]) if cron else None,
    start_date=pendulum.parse(VALUES["start"], tz=VALUES["timezone"]),
    catchup=VALUES["catchup"],
    # Runs and tasks one after the other, like a pool of one slot, but without any setup.
    max_active_runs=1,
    max_active_tasks=1,
    user_defined_filters={"run_name": run_name},
    tags=["tutorials"],
    default_args={
        "retries": VALUES["retries"],
        "retry_delay": timedelta(seconds=VALUES["retry_delay"]),
        "retry_exponential_backoff": EXPONENTIAL,
        "max_retry_delay": timedelta(hours=1),
        "execution_timeout": timedelta(seconds=VALUES["timeout"]),
        "pool": VALUES["pool"],
        # After a closed gate, each stage skips itself, and the Report runs in any case.
        "trigger_rule": "none_failed",
    },
):
    tasks = {
        name: task(
            name,
            *("run-node", PLAN, "--run-id", RUN, *values["arguments"]),
            *(("--span", SPAN) if VALUES["span"] else ()),
        )
        for name, values in VALUES["tasks"].items()
    }
    for name, values in VALUES["tasks"].items():
        for upstream in values["upstream"]:
            tasks[upstream] >> tasks[name]
        if "Report" in values["nodes"]:
            with suppress(ImportError):  # the plugin is optional
                from tutorials_report_link import ReportLink

                tasks[name].operator_extra_links = (ReportLink(),)
    # The only task without a task after it, so its state is that of the run.
    last = [each for each in tasks.values() if not each.downstream_list]
    last >> task(
        "check",
        *("show", VALUES["pipeline"], "--run", RUN, "--check", "--root", VALUES["root"]),
    )
