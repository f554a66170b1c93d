"""Writes a kustomize base with an overlay for trying the deployment and one for production."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import yaml

from components.errors import UsageError, quote
from pipelines.datasets.layouts import SAMPLE, planned
from pipelines.orchestrators.deployment import Deployment
from pipelines.orchestrators.templates import templates

ROOT = "/runs"
"""The default of `--root`: the path of the volume in the containers."""

OPTIONS: Mapping[str, tuple[str, str]] = {
    "storage": ("10Gi", "the size of the volume for the root"),
    "storage-class": ("", "the volume's storage class, if not the cluster's default"),
    "access-mode": ("ReadWriteOnce", "the volume's access mode; ReadWriteMany for several nodes"),
    "data-pvc": ("", "the PersistentVolumeClaim with the data, if not a folder of the node"),
    "serving-image": ("tensorflow/serving:2.19.1", "the image of TensorFlow Serving"),
}
_TEMPLATES = Path(__file__).parent / "templates"
# A CronJob's name has at most 52 characters, and an overlay appends "-dev".
_MAX_NAME = 48
_MAX_PLAN = 1 << 20
"""What the API server accepts as the content of a ConfigMap, in bytes."""


def write(deployment: Deployment, folder: Path) -> str:
    """Writes the manifests.

    Args:
        deployment: What to deploy. Its root is the path of the volume in the pods.
        folder: The folder for `base`, `serving`, and `overlays`.

    Returns:
        The commands to type next.

    Raises:
        UsageError: Kubernetes does not accept the name, a path, or the size of the plan.
    """
    name = object_name(deployment.pipeline)
    if deployment.by_node:
        raise UsageError("Kubernetes runs all nodes in one pod. Leave out --tasks node.")
    data = None if deployment.data == SAMPLE else str(deployment.plan.data.folder)
    _check_path("root", deployment.root)
    if data:
        _check_path("data", data)
    for overlay, deployed in (("dev", _trial(deployment)), ("prod", deployment)):
        plan = folder / "overlays" / overlay / "plan"
        deployed.write_plan(plan)
        _check_size(deployment.pipeline, plan)
    values = {
        **{key: getattr(deployment, key) for key in _FROM_DEPLOYMENT},
        "name": name,
        "data": data,
        "options": deployment.options,
    }
    environment = templates(_TEMPLATES, quoted=_quoted)
    for template in environment.list_templates():
        file = folder / template.removesuffix(".j2")
        file.parent.mkdir(parents=True, exist_ok=True)
        text = environment.get_template(template).render(values)
        file.write_text(text, encoding="utf-8")
    steps = environment.from_string(_NEXT_STEPS)
    return steps.render(values, folder=shlex.quote(str(folder))).rstrip()


_FROM_DEPLOYMENT = (
    "pipeline",
    "root",
    "metadata",
    "image",
    "schedule",
    "cpu",
    "memory",
    "retries",
    "timeout",
)

_NEXT_STEPS = """\
Try it on the sample:
  kubectl apply --server-side -k {{ folder }}/overlays/dev
  kubectl create job --from=cronjob/{{ name }}-dev {{ name }}-dev-1
  kubectl logs -f job/{{ name }}-dev-1
{% if metadata %}
Give the cluster the password of the metadata server, from a file that contains nothing else:
  kubectl create secret generic {{ name }}-metadata --from-file=password=FILE
{% endif %}
Start production{{ " by hand" if not schedule }}:
  kubectl apply --server-side -k {{ folder }}/overlays/prod
{% if not schedule %}
  kubectl create job --from=cronjob/{{ name }} {{ name }}-1
{% endif %}
"""


def _trial(deployment: Deployment) -> Deployment:
    """Returns a deployment that needs no data and no metadata server."""
    plan = deployment.plan
    return replace(
        deployment,
        plan=replace(
            plan,
            data=planned(plan.spec, SAMPLE, plan.root.path),
            root=replace(plan.root, metadata=None),
        ),
    )


def object_name(pipeline: str) -> str:
    """Returns the name of a pipeline's objects, such as `california-housing`."""
    label = pipeline.replace("_", "-")
    if len(label) > _MAX_NAME or not re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", label):
        raise UsageError(
            f"Kubernetes does not accept the name {quote(pipeline)}. Rename the pipeline: at most "
            f"{_MAX_NAME} lowercase letters, digits, and underscores, starting with a letter."
        )
    return label


def _check_path(option: str, path: str) -> None:
    """Refuses paths that a pod cannot mount, or in which Kubernetes would expand variables."""
    if not re.fullmatch(r"(/[\w.@+-]+)+", path, re.ASCII) or ".." in path.split("/"):
        raise UsageError(
            f"--{option} {quote(path)} is not a path for a volume. Give the absolute path that the "
            "pods see, with the characters A-Z a-z 0-9 _ . @ + - and /."
        )


def _check_size(pipeline: str, plan: Path) -> None:
    size = sum(file.stat().st_size for file in plan.iterdir())
    if size > _MAX_PLAN:
        raise UsageError(
            f"The plan of {pipeline} has {size:,} bytes, and a ConfigMap at most {_MAX_PLAN:,}. "
            "Choose another target: --to docker, airflow, or kubeflow."
        )


def _quoted(text: str) -> str:
    """Returns a text as a YAML string on one line."""
    return yaml.safe_dump(text, default_style='"', width=float("inf")).rstrip("\n")
