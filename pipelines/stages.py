"""Groups of nodes that an orchestrator runs in one process each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

_LATER = {
    "Transform": "train",
    "Trainer": "train",
    "Baseline": "evaluate",
    "Evaluator": "evaluate",
    "AtomicPusher": "evaluate",
    "Report": "evaluate",
}
"""Node -> its stage. All nodes before Transform are in the first stage, `data`.

A stage is a process that starts TensorFlow. More stages would not help a run to recover, because a
stage that is tried again continues after its last finished node.
"""


class Task(NamedTuple):
    """A part of a pipeline: a node, or a stage.

    Attributes:
        name: The name of the node or the stage.
        nodes: The nodes, in an order in which they can run.
        upstream: The tasks that must end before it.
    """

    name: str
    nodes: tuple[str, ...]
    upstream: tuple[str, ...]


def as_chain(node_ids: Sequence[str]) -> tuple[Task, ...]:
    """Returns one task per node; each waits for the one before it.

    Args:
        node_ids: The nodes, in an order in which they can run.
    """
    return _chain({node_id: [node_id] for node_id in node_ids})


def as_stages(node_ids: Sequence[str]) -> tuple[Task, ...]:
    """Returns one task per stage; each waits for the one before it.

    Starting TensorFlow takes several seconds per process, so a process per node would take longer
    to start than a small pipeline takes to run.

    Args:
        node_ids: The nodes, in an order in which they can run.
    """
    stages: dict[str, list[str]] = {}
    for node_id in node_ids:
        stages.setdefault(_LATER.get(node_id, "data"), []).append(node_id)
    return _chain(stages)


def _chain(groups: Mapping[str, Sequence[str]]) -> tuple[Task, ...]:
    """Orders groups of nodes one after the other: processes of one run never run at once."""
    names = list(groups)
    return tuple(
        Task(name, tuple(groups[name]), tuple(names[index - 1 : index] if index else ()))
        for index, name in enumerate(names)
    )
