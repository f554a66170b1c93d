"""Deploys to Kubeflow Pipelines 2: writes one pipeline definition, made with the kfp SDK."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from components.errors import UsageError, UserError, did_you_mean, quote
from pipelines.orchestrators.deployment import Deployment

ROOT = "/runs"
"""The default of `--root`: the path of the volume in the containers."""

OPTIONS: Mapping[str, tuple[str, str]] = {
    "platform": ("kubernetes", "or vertex, for a file without settings for Kubernetes"),
    "pvc": ("tutorials-runs", "the PersistentVolumeClaim that contains the root"),
    "data-pvc": ("", "a PersistentVolumeClaim that contains data"),
    "data-path": ("/data", "the folder where tasks see the claim of data-pvc"),
    "secret": ("tutorials-metadata", "the Secret with the key 'password' of the metadata server"),
    "user": ("10001", "the user and group id of the tasks, which must be able to write the root"),
    "trainer-cpu": ("", "the processors of the task that trains, if not those of --cpu"),
    "trainer-memory": ("", "the memory of the task that trains, if not that of --memory"),
}

_PLATFORMS = ("kubernetes", "vertex")


def write(deployment: Deployment, folder: Path) -> str:
    """Writes `NAME.yaml`.

    Args:
        deployment: The pipeline and its settings.
        folder: The folder to write to.

    Returns:
        The commands to type next.

    Raises:
        UsageError: An option is invalid.
        UserError: kfp is not installed.
    """
    try:
        import kfp.kubernetes  # noqa: F401, needs a package of its own
        from kfp import compiler
    except ImportError as error:
        raise UserError(
            f"The target kubeflow needs the kfp SDK ({error}). "
            "Install it: pip install kfp==2.17.3 kfp-kubernetes==2.17.3"
        ) from None
    from pipelines.orchestrators.kubeflow.definition import build

    _check(deployment.options)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{deployment.pipeline}.yaml"
    try:
        compiler.Compiler().compile(build(deployment), str(file))
    except ValueError as error:  # a quantity; the SDK's message contains its syntax
        raise UsageError(
            f"The kfp SDK refuses the settings of the tasks. {error} Change --cpu or --memory."
        ) from None
    return _next_steps(deployment, file)


def _check(options: Mapping[str, str]) -> None:
    platform = options["platform"]
    if platform not in _PLATFORMS:
        raise UsageError(
            f"There is no platform {quote(platform)}.{did_you_mean(platform, _PLATFORMS)} "
            f"Choose one of {', '.join(_PLATFORMS)}."
        )
    if not options["user"].isdecimal():
        raise UsageError(
            f"The user {quote(options['user'])} is not a number. Give a user id, such as 10001."
        )


def _next_steps(deployment: Deployment, file: Path) -> str:
    name, path = deployment.pipeline, shlex.quote(str(file))
    if deployment.options["platform"] == "vertex":
        return f"Submit {file} to Vertex AI Pipelines. See docs/deploy/kubeflow.md."
    options = deployment.options
    secret = f" and the Secret {options['secret']}" if deployment.metadata else ""
    create = f"  kfp run create --experiment-name {name} --package-file {path}"
    lines = [
        f"{file} needs the PersistentVolumeClaim {options['pvc']}{secret} in the namespace of its "
        "runs; see docs/deploy/kubeflow.md. Run it, and run it with other parameters:",
        create,
        f"{create} seed=1",
    ]
    if deployment.schedule:
        lines.append("Run it on the schedule:")
        # Kubeflow's expressions begin with the second.
        cron = shlex.quote(f"0 {deployment.schedule}")
        lines.append(
            f"  kfp recurring-run create --experiment-name {name} --job-name {name} "
            f"--pipeline-package-path {path} --cron-expression {cron}"
        )
    return "\n".join(lines)
