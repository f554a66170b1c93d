"""A pipeline's deployment to an orchestrator: what the files of every target contain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pipelines import compiled_plan
from pipelines.datasets.layouts import SAMPLE, SAMPLE_ORIGIN
from pipelines.plan import Plan
from pipelines.stages import as_chain, as_stages
from trainer_modules.shared.parameters import Parameters


class Task(NamedTuple):
    """One process of a run.

    Attributes:
        name: The name of the stage or the node.
        nodes: The nodes that it runs.
        upstream: The tasks that must end before it.
        arguments: The arguments of `tutorials run-node` after the plan that select the nodes.
    """

    name: str
    nodes: tuple[str, ...]
    upstream: tuple[str, ...]
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Deployment:
    """What a target writes files for.

    Attributes:
        plan: The plan of all runs.
        image: The container image of the project.
        schedule: When to run, as a cron expression in UTC; None for runs on demand only.
        cpu: The processors of a task, as Kubernetes writes them, such as `2` or `500m`.
        memory: The memory of a task, as Kubernetes writes it, such as `4Gi`.
        retries: How often a task is tried again.
        timeout: The longest time of a task in seconds.
        by_node: Whether each node is a task of its own, and not each stage.
        options: The options of the target, all of them.
    """

    plan: Plan
    image: str = "tfx-tutorials"
    schedule: str | None = None
    cpu: str = "2"
    memory: str = "4Gi"
    retries: int = 2
    timeout: int = 3600
    by_node: bool = False
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def pipeline(self) -> str:
        """The name of the pipeline."""
        return self.plan.spec.name

    @property
    def title(self) -> str:
        """The title of the pipeline."""
        return self.plan.spec.title

    @property
    def data(self) -> str:
        """`sample`, or the path of the data as the nodes see it."""
        origin = self.plan.data.origin
        return SAMPLE if origin == SAMPLE_ORIGIN else origin

    @property
    def root(self) -> str:
        """The root as the nodes see it."""
        return str(self.plan.root.path)

    @property
    def metadata(self) -> str | None:
        """The URL of the metadata server, without a password; None for SQLite."""
        return self.plan.root.metadata

    @property
    def parameters(self) -> Parameters:
        """The hyper-parameters."""
        return self.plan.parameters

    @property
    def seed(self) -> int:
        """The random seed for training."""
        return self.plan.seed

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks of a run, in order."""
        grouped = (as_chain if self.by_node else as_stages)(self.plan.node_ids)
        flag = "--node" if self.by_node else "--stage"
        return tuple(Task(*task, (flag, task.name)) for task in grouped)

    def write_plan(self, folder: Path) -> None:
        """Compiles the plan into a folder. This imports TFX."""
        compiled_plan.write(self.plan, folder)
