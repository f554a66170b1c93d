"""Writes a file for Docker Compose: a run of all nodes, and a MariaDB server for ML Metadata."""

from __future__ import annotations

import math
import os
import re
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import yaml

from components.errors import UsageError, shorten
from pipelines.datasets.layouts import SAMPLE
from pipelines.orchestrators.deployment import Deployment
from pipelines.orchestrators.templates import templates

ROOT = "/runs"
"""The default of `--root`: the path of the volume in the containers."""

OPTIONS: Mapping[str, tuple[str, str]] = {
    "database": ("mariadb", "the metadata store without --metadata: mariadb or sqlite"),
    "user": ("", "the container's UID:GID, if neither you nor the image's user"),
}

_HERE = Path(__file__).parent
_SERVER = "mysql://tutorials@mariadb:3306/tutorials"
_IMAGE_ROOT = "/runs"
"""A new volume at this path belongs to the image's user."""
_IMAGE_USER = "10001:10001"

_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(m|[kMGT]|[KMGT]i)?", re.ASCII)
_FACTORS = {
    "": 1.0,
    "m": 1e-3,
    **{suffix: 1000.0**power for power, suffix in enumerate(("k", "M", "G", "T"), 1)},
    **{suffix: 1024.0**power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti"), 1)},
}


def write(deployment: Deployment, folder: Path) -> str:
    """Writes `compose.yaml`, the script of the container, and the plan.

    Args:
        deployment: What to deploy. Its root is `/runs`, which is a volume, or a folder of this
            machine. Its data are a folder of this machine, which the container sees read-only.
        folder: The folder for the files.

    Returns:
        The commands to type next.

    Raises:
        UsageError: An option is invalid, or the files cannot be written.
    """
    if deployment.by_node:
        raise UsageError("Docker runs all nodes in one container. Leave out --tasks node.")
    deployment, server = _with_database(deployment)
    user = _user(deployment)
    values = {
        "pipeline": deployment.pipeline,
        "project": f"tutorials-{deployment.pipeline}",
        "image": deployment.image,
        "retries": deployment.retries,
        "timeout": deployment.timeout,
        "root": deployment.root,
        "in_volume": deployment.root == _IMAGE_ROOT,
        "data": None if deployment.data == SAMPLE else deployment.data,
        "metadata": deployment.metadata,
        "server": server,
        "cpus": _quantity("cpu", deployment.cpu),
        "memory_bytes": math.ceil(_quantity("memory", deployment.memory)),
        "user": user,
        "user_is_the_images": user == _IMAGE_USER,
        "schedule": deployment.schedule,
        "folder": shlex.quote(str(folder.absolute())),
    }
    environment = templates(_HERE, quoted=_quoted, shell=shlex.quote)
    compose = environment.get_template("compose.yaml.j2").render(values)
    deployment.write_plan(folder / "plan")
    try:
        (folder / "compose.yaml").write_text(compose, encoding="utf-8")
        shutil.copy(_HERE / "run.sh", folder)
    except OSError as error:
        raise UsageError(
            f"Cannot write the files to {folder} ({error.strerror}). Choose another folder with -o."
        ) from error
    return environment.get_template("next-steps.txt.j2").render(values)


def _with_database(deployment: Deployment) -> tuple[Deployment, bool]:
    """Returns the deployment with its metadata store, and whether Compose runs the server."""
    database = deployment.options["database"]
    if database not in ("mariadb", "sqlite"):
        raise UsageError(
            f"--option database={shorten(database)} is not a metadata store. "
            "Give mariadb or sqlite, or the URL of a server with --metadata."
        )
    if deployment.metadata or database == "sqlite":
        return deployment, False
    root = replace(deployment.plan.root, metadata=_SERVER)
    return replace(deployment, plan=replace(deployment.plan, root=root)), True


def _user(deployment: Deployment) -> str:
    """Returns the owner of the files in the root: you, if it is a folder of yours."""
    user = deployment.options["user"]
    if user and not re.fullmatch(r"\d+:\d+", user, re.ASCII):
        raise UsageError(
            f"--option user={shorten(user)} is not a user. Give two numbers, such as 1000:1000."
        )
    if not user and deployment.root != _IMAGE_ROOT and os.getuid():
        return f"{os.getuid()}:{os.getgid()}"
    return user or _IMAGE_USER


def _quantity(option: str, text: str) -> float:
    """Converts a quantity of Kubernetes, such as `500m` or `4Gi`."""
    match = _QUANTITY.fullmatch(text)
    if match is None or not float(match[1]):
        raise UsageError(
            f"--{option} {shorten(text)} is not a quantity. "
            "Give one as in Kubernetes, such as 2 or 500m for processors and 4Gi for memory."
        )
    return float(match[1]) * _FACTORS[match[2] or ""]


def _quoted(text: str) -> str:
    """Returns a text as a scalar of YAML. Compose replaces variables that begin with `$`."""
    escaped = text.replace("$", "$$")
    return yaml.safe_dump(escaped, default_style='"', width=math.inf).strip()
