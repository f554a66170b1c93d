"""Plans of runs whose nodes may run on other machines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from components.errors import UsageError
from pipelines import registry
from pipelines.datasets.layouts import SAMPLE, default_data, planned
from pipelines.parameters import parse
from pipelines.plan import Plan
from pipelines.root import Root
from pipelines.settings import Settings


def plan_for_nodes(
    name: str,
    settings: Settings,
    data: str | None,
    param: Sequence[str] = (),
    seed: int = 0,
    cache: bool = True,
) -> Plan:
    """Plans runs of a pipeline. Neither the data nor the root need be visible here.

    Args:
        name: The pipeline.
        settings: The root, the metadata store, and Beam's flags.
        data: The value of `--data`; None for the default. A relative path is made absolute.
        param: The values of `--param`.
        seed: The random seed for training.
        cache: Whether unchanged nodes may use the results of earlier runs.

    Raises:
        UsageError: An argument is invalid.
    """
    spec = registry.load(name)
    root = Root.at(settings.root, settings.metadata)
    if root.location != root.path:
        raise UsageError(
            f"The root {root.path} contains one of the characters *?[]{{}}\\. "
            "Give the path under which all nodes see the folder, without these characters."
        )
    data = data or default_data(spec, settings)
    return Plan(
        spec=spec,
        root=root,
        data=planned(spec, data if data == SAMPLE else str(Path(data).absolute()), root.path),
        parameters=parse(spec.parameters, param),
        seed=seed,
        beam_args=settings.beam_args,
        cache=cache,
    )
