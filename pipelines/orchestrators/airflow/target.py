"""Writes the files of a deployment to Airflow: a DAG, its values, its plan, and a plugin."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

from components.errors import UsageError
from pipelines.datasets.layouts import SAMPLE
from pipelines.orchestrators.airflow.options import Options
from pipelines.orchestrators.deployment import Deployment

ROOT: str | None = None
"""The default of `--root` is that of all commands."""

OPTIONS = Options.described()

HERE = Path(__file__).parent
PLUGIN = "tutorials_report_link.py"
FIRST_DAY = "2026-01-01"
"""Airflow needs a first day. Without catching up, any day in the past does."""

PASSWORD_FILE = "/run/secrets/tutorials-metadata-password"
"""Where a container finds the password of the metadata server."""

PLAN_IN_POD = "/etc/tutorials/plan"


def write(deployment: Deployment, folder: Path) -> str:
    """Writes the files.

    Args:
        deployment: What to deploy.
        folder: The folder to write to.

    Returns:
        The next steps.

    Raises:
        UsageError: An option is invalid.
    """
    options = Options.of(deployment.options)
    dag_id = options.dag_id or deployment.pipeline
    values = {
        "pipeline": deployment.pipeline,
        "title": deployment.title,
        "dag_id": dag_id,
        "schedule": deployment.schedule,
        "timezone": options.timezone,
        "start": options.catchup_from.isoformat() if options.catchup_from else FIRST_DAY,
        "catchup": options.catchup_from is not None,
        "span": deployment.plan.data.has_spans,
        "retries": deployment.retries,
        "retry_delay": options.retry_delay,
        "timeout": deployment.timeout,
        "pool": options.pool,
        "root": deployment.root,
        "report_url": str(options.report_url).rstrip("/") if options.report_url else None,
        "operator": options.operator,
        "executable": options.executable or str(Path(sys.executable).with_name("tutorials")),
        "plan": PLAN_IN_POD if options.operator == "kubernetes" else None,
        "keywords": KEYWORDS[options.operator](deployment, options),
        "tasks": {task.name: task._asdict() for task in deployment.tasks},
    }
    deployment.write_plan(folder / "plan")
    (folder / "plugins").mkdir(exist_ok=True)
    shutil.copyfile(HERE / "dag.py", folder / "dag.py")
    shutil.copyfile(HERE / PLUGIN, folder / "plugins" / PLUGIN)
    (folder / "dag.json").write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    # Airflow looks for DAGs in all folders below its own.
    (folder / ".airflowignore").write_text("plugins/\n", encoding="utf-8")
    if options.pool:
        pool = {options.pool: {"slots": 1, "description": "Pipelines, one task at a time"}}
        (folder / "pool.json").write_text(json.dumps(pool, indent=2) + "\n", encoding="utf-8")
    return next_steps(dag_id, options, folder)


def next_steps(dag_id: str, options: Options, folder: Path) -> str:
    """Returns the commands to type next."""
    here = shlex.quote(str(folder))
    steps = [
        "AIRFLOW_HOME=${AIRFLOW_HOME:-~/airflow}",
        f'mkdir -p "$AIRFLOW_HOME/plugins" "$AIRFLOW_HOME/dags/{dag_id}"',
        f'cp -r {here}/plugins/. "$AIRFLOW_HOME/plugins/"   # once; then restart Airflow',
        f'cp -r {here}/. "$AIRFLOW_HOME/dags/{dag_id}/"',
    ]
    if options.pool:
        steps.append(f"airflow pools import {here}/pool.json")
    if options.operator == "kubernetes":
        steps.append(
            f"kubectl -n {options.namespace} create configmap {plan_name(dag_id)} "
            f"--from-file={here}/plan"
        )
    steps += [f"airflow dags unpause {dag_id}", f"airflow dags trigger {dag_id}"]
    return "\n".join(steps)


def environment(deployment: Deployment, password_file: str | None) -> dict[str, str]:
    """Returns the environment variables of the tasks. None of them is a secret."""
    found = {
        "TUTORIALS_METADATA": deployment.metadata,
        "TUTORIALS_METADATA_PASSWORD_FILE": password_file,
    }
    return {name: value for name, value in found.items() if value}


def bash(deployment: Deployment, options: Options) -> dict[str, Any]:
    """Returns the arguments of BashOperator: the worker's environment with a few additions."""
    return {"env": environment(deployment, options.password_file), "append_env": True}


def docker(deployment: Deployment, options: Options) -> dict[str, Any]:
    """Returns the arguments of DockerOperator: the root under its own path in the container."""
    mounts: list[dict[str, Any]] = [{"source": deployment.root, "target": deployment.root}]
    if deployment.data != SAMPLE:
        folder = str(deployment.plan.data.folder)
        mounts.append({"source": folder, "target": folder, "read_only": True})
    password_file = None
    if options.password_file:
        password_file = PASSWORD_FILE
        mounts.append({"source": options.password_file, "target": password_file, "read_only": True})
    return {
        "image": deployment.image,
        "environment": environment(deployment, password_file),
        "mounts": mounts,
        "mount_tmp_dir": False,
        "mem_limit": deployment.memory.removesuffix("i").lower(),  # Docker writes 4Gi as 4g
        "network_mode": options.network,
        "auto_remove": "force",
    }


def kubernetes(deployment: Deployment, options: Options) -> dict[str, Any]:
    """Returns the arguments of KubernetesPodOperator: the pod, as Kubernetes writes it."""
    data = deployment.plan.data.folder
    if not data.is_relative_to(deployment.root):
        raise UsageError(
            f"The data {data} is not below the root {deployment.root}, which is all that pods see. "
            "Copy the data below the root, and give that path with --data."
        )
    env: list[dict[str, Any]] = [
        {"name": name, "value": value} for name, value in environment(deployment, None).items()
    ]
    if options.secret:
        source = {"secretKeyRef": {"name": options.secret, "key": "password"}}
        env.append({"name": "TUTORIALS_METADATA_PASSWORD", "valueFrom": source})
    resources = {"cpu": deployment.cpu, "memory": deployment.memory}
    container = {
        "name": "base",  # the operator's own name for it
        "image": deployment.image,
        "env": env,
        "resources": {"requests": resources, "limits": resources},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [
            {"name": "root", "mountPath": deployment.root},
            {"name": "plan", "mountPath": PLAN_IN_POD, "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
    }
    plan = plan_name(options.dag_id or deployment.pipeline)
    spec = {
        "automountServiceAccountToken": False,
        "restartPolicy": "Never",
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "fsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [
            {"name": "root", "persistentVolumeClaim": {"claimName": options.claim}},
            {"name": "plan", "configMap": {"name": plan}},
            {"name": "tmp", "emptyDir": {}},
        ],
    }
    return {
        "namespace": options.namespace,
        "pod_template_dict": {"apiVersion": "v1", "kind": "Pod", "spec": spec},
    }


KEYWORDS = {"bash": bash, "docker": docker, "kubernetes": kubernetes}
"""Operator -> what else its constructor needs."""


def plan_name(dag_id: str) -> str:
    """Returns the name of the ConfigMap with the plan."""
    return re.sub(r"[^a-z0-9]+", "-", dag_id.lower()).strip("-") + "-plan"
