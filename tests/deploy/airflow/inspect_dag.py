"""Runs in an environment of Airflow: prints what Airflow finds in a folder of DAGs, as JSON.

The names of further modules are those that the DAG file uses. Their import is measured apart.
"""

import json
import os
import sys
import time
from datetime import datetime, timezone
from importlib import import_module
from types import SimpleNamespace
from typing import Any

start = time.perf_counter()
try:
    from airflow.dag_processing.dagbag import DagBag
except ImportError:  # Airflow 2
    from airflow.models.dagbag import DagBag
for name in sys.argv[2:]:
    import_module(name)
imported = time.perf_counter()
bag = DagBag(sys.argv[1])
parsed = time.perf_counter()


def pod(task: Any) -> Any:
    """Returns the pod that a task of KubernetesPodOperator asks for."""
    from kubernetes.client import ApiClient

    task.name = task.task_id
    return ApiClient().sanitize_for_serialization(task.build_pod_request_obj())


def described(task: Any) -> dict[str, Any]:
    """Returns the attributes of a task that the tests read."""
    return {
        "operator": [base.__name__ for base in type(task).__mro__],
        "upstream": sorted(task.upstream_task_ids),
        "retries": task.retries,
        "retry_delay": task.retry_delay.total_seconds(),
        "timeout": task.execution_timeout.total_seconds(),
        "pool": task.pool,
        "trigger_rule": str(task.trigger_rule),
        "command": getattr(task, task.template_fields[0]),
        "env": getattr(task, "env", None) or getattr(task, "environment", None),
        "mounts": getattr(task, "mounts", None),
        "pod": pod(task) if hasattr(task, "build_pod_request_obj") else None,
    }


def rendered(dag: Any, run_id: str) -> list[str]:
    """Returns the commands of a manual run of that id, as Airflow renders them."""
    today = datetime(2026, 11, 25, tzinfo=timezone.utc)
    dag_run = SimpleNamespace(data_interval_start=None, run_after=today)
    environment = dag.get_template_env()
    commands = [getattr(task, task.template_fields[0]) for task in dag.tasks]
    return [
        environment.from_string(word).render(run_id=run_id, dag_run=dag_run)
        for command in commands
        for word in ([command] if isinstance(command, str) else command)
    ]


found = {
    "errors": bag.import_errors,
    "seconds": {"airflow": imported - start, "file": parsed - imported},
    "heavy": sorted({"tensorflow", "tfx", "apache_beam", "pipelines"} & set(sys.modules)),
    "dags": {
        name: {
            "description": dag.description,
            "catchup": dag.catchup,
            "max_active_runs": dag.max_active_runs,
            "max_active_tasks": dag.max_active_tasks,
            "tasks": {task.task_id: described(task) for task in dag.tasks},
            "rendered": rendered(dag, os.environ["RUN_ID"]) if "RUN_ID" in os.environ else None,
        }
        for name, dag in bag.dags.items()
    },
}
print("\n" + json.dumps(found, default=str))
