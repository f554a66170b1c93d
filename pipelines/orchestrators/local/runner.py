"""Runs the nodes of a compiled pipeline on this machine, one after the other."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any, Protocol

from pipelines.orchestrators.node import run_node


class Progress(Protocol):
    """Receives the progress events of a run.

    Attributes:
        running: The node that is running, or the loading of libraries before the first one.
    """

    running: str

    def begin(self, node_ids: Sequence[str]) -> None:
        """The pipeline is compiled, and these nodes will run."""

    def node_begins(self, node_id: str) -> None:
        """A node starts."""

    def node_ends(self, node_id: str, state: str, seconds: float) -> None:
        """A node has run, is cached, or is skipped."""


def new_run_id(pipeline: str) -> str:
    """Names a run after its pipeline and the time."""
    return f"{pipeline}-{datetime.now(timezone.utc):%Y%m%d-%H%M%S-%f}"[:-3]


def run_nodes(pipeline: Any, node_ids: Sequence[str], connection: Any, progress: Progress) -> None:
    """Runs nodes in order.

    Args:
        pipeline: A compiled pipeline with a run id.
        node_ids: The nodes, in an order in which they can run.
        connection: The `ConnectionConfig` of the ML Metadata store.
        progress: Receives every step.
    """
    progress.begin(node_ids)
    for node_id in node_ids:
        progress.node_begins(node_id)
        start = time.monotonic()
        state = run_node(pipeline, node_id, connection)
        progress.node_ends(node_id, state, time.monotonic() - start)
