"""Ways to run a pipeline, here and elsewhere. Each one registers here."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from components.errors import UsageError, did_you_mean

ORCHESTRATORS = {"local": "pipelines.orchestrators.local.session"}
"""Name -> the module with `unchanged(plan)` and `run(plan, console)`, imported on use."""

TARGETS = {
    "airflow": "pipelines.orchestrators.airflow.target",
    "docker": "pipelines.orchestrators.docker.target",
    "kubeflow": "pipelines.orchestrators.kubeflow.target",
    "kubernetes": "pipelines.orchestrators.kubernetes.target",
}
"""Name -> the module with `ROOT`, `OPTIONS`, and `write(deployment, folder)`, imported on use.

`ROOT` is the default of `--root`, or None for that of all commands. `OPTIONS` maps the name of an
option to `(default, help)`. `write` writes the files of a
`pipelines.orchestrators.deployment.Deployment` and returns the next steps for the user.
"""


def orchestrator(name: str) -> Any:
    """Returns the module of an orchestrator."""
    return import_module(ORCHESTRATORS[name])


def target(name: str) -> Any:
    """Returns the module of a target of `tutorials deploy`.

    Raises:
        UsageError: There is no target of that name.
    """
    if name not in TARGETS:
        raise UsageError(
            f"There is no target '{name}'.{did_you_mean(name, TARGETS)} "
            f"Choose one of {', '.join(TARGETS)}."
        )
    return import_module(TARGETS[name])
