"""Runs a pipeline on this machine, node after node."""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone
from typing import Any, Protocol

from components.errors import UsageError
from pipelines.plan import Plan
from pipelines.runners.node import run_node


class Progress(Protocol):
    """Who wants to know how a run goes.

    Attributes:
        running: What is going on: a node, or the loading of libraries before the first.
    """

    running: str

    def begin(self, node_ids: list[str]) -> None:
        """The pipeline is compiled; these nodes follow."""

    def node_begins(self, node_id: str) -> None:
        """A node starts."""

    def node_ends(self, node_id: str, state: str, seconds: float) -> None:
        """A node has run, is cached or skipped."""


def new_run_id(tutorial: str) -> str:
    """Names a run after its tutorial and the time."""
    return f"{tutorial}-{datetime.now(timezone.utc):%Y%m%d-%H%M%S-%f}"[:-3]


def compile_plan(plan: Plan, run_id: str, log: str) -> Any:
    """Compiles a plan to TFX's intermediate representation, once for all nodes.

    What the history must know of the run is put into its context in ML Metadata.

    Args:
        plan: What to run.
        run_id: The run's name.
        log: Path of its log file.

    Returns:
        A `tfx.orchestration.Pipeline` proto.
    """
    from tfx.dsl.compiler import compiler, constants
    from tfx.orchestration.portable import runtime_parameter_utils

    from pipelines.assembly import build_pipeline

    pipeline = compiler.Compiler().compile(build_pipeline(plan))
    runtime_parameter_utils.substitute_runtime_parameter(
        pipeline, {constants.PIPELINE_RUN_ID_PARAMETER_NAME: run_id}
    )
    properties = {
        "tutorial": plan.tutorial.name,
        "data": plan.data.origin,
        "published": json.dumps(plan.published),
        "fingerprint": plan.fingerprint,
        "parameters": plan.parameters.model_dump_json(),
        "seed": str(plan.seed),
        "nodes": json.dumps(_nodes_to_run(pipeline, plan.until)),
        "log": log,
    }
    for node in pipeline.nodes:
        for context in node.pipeline_node.contexts.contexts:
            if context.type.name == "pipeline_run":
                for name, value in properties.items():
                    context.properties[name].field_value.string_value = value
    return pipeline


def run(pipeline: Any, until: str | None, progress: Progress) -> None:
    """Runs the nodes of a compiled pipeline in order.

    Args:
        pipeline: From `compile_plan`.
        until: The last node, with all that it needs; None for all.
        progress: Is told of every step.
    """
    node_ids = _nodes_to_run(pipeline, until)
    progress.begin(node_ids)
    for node_id in node_ids:
        progress.node_begins(node_id)
        start = time.monotonic()
        state = run_node(pipeline, node_id)
        progress.node_ends(node_id, state, time.monotonic() - start)


def _nodes_to_run(pipeline: Any, until: str | None) -> list[str]:
    """Returns node ids in order: all, or those that `until` needs and itself.

    Raises:
        UsageError: There is no node of that name.
    """
    nodes = {node.pipeline_node.node_info.id: node.pipeline_node for node in pipeline.nodes}
    if until is None:
        return list(nodes)
    if until not in nodes:
        raise UsageError(f"There is no node '{until}'; the nodes are {', '.join(nodes)}.")
    needed, queue = set(), [until]
    while queue:
        node_id = queue.pop()
        if node_id not in needed:
            needed.add(node_id)
            queue.extend(nodes[node_id].upstream_nodes)
    return [node_id for node_id in nodes if node_id in needed]
