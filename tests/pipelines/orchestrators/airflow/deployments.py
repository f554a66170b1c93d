"""Deployments for the tests of the target."""

from pathlib import Path
from typing import Any

from pipelines.orchestrators.airflow import target
from pipelines.orchestrators.deployment import Deployment
from pipelines.planning import plan_for_nodes
from pipelines.settings import Settings


class Small(Deployment):
    """A deployment whose plan is not compiled, which would take TFX's import."""

    def write_plan(self, folder: Path) -> None:
        """Writes an empty plan."""
        folder.mkdir(parents=True)


def deployment(
    data: str = "sample", root: str = "/srv/tutorials", metadata: str | None = None, **values: Any
) -> Deployment:
    """Returns a deployment of census."""
    options = {"executable": "/opt/tutorials", **values.pop("options", {})}
    plan = plan_for_nodes("census", Settings(root=Path(root), metadata=metadata), data)
    return Small(plan=plan, options=options, **values)


def written(folder: Path, wanted: Deployment) -> Path:
    """Writes a deployment, and returns its folder."""
    target.write(wanted, folder)
    return folder
