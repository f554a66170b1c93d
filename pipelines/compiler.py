"""Compiles a plan to TFX's intermediate representation (IR)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipelines.plan import SPANS_PARAMETER, Plan


def compile_plan(plan: Plan) -> Any:
    """Compiles a plan once, for all of its runs.

    The run id and the span are left open. Neither the data nor the root need be visible here. The
    IR does not contain the connection to ML Metadata, which the caller provides to run a node. The
    context of the run contains the properties that the history reads.

    Returns:
        A `tfx.orchestration.Pipeline` proto.
    """
    from tfx.dsl.compiler import compiler

    from pipelines.assembly import build_pipeline

    pipeline = compiler.Compiler().compile(build_pipeline(plan))
    properties = {
        "tutorial": plan.spec.name,
        "data": plan.data.origin,
        "parameters": plan.parameters.model_dump_json(),
        "seed": str(plan.seed),
        "nodes": json.dumps(nodes_until(pipeline, plan.until)),
        "root": str(plan.root.location),
    }
    _describe(pipeline, properties)
    return pipeline


def for_run(
    pipeline: Any, run_id: str, properties: Mapping[str, str], span: int | None = None
) -> Any:
    """Returns a copy of a compiled pipeline for one run.

    Args:
        pipeline: The result of `compile_plan`.
        run_id: The run's name.
        properties: More properties for the history.
        span: The span of the data to read; None for the latest one.
    """
    from google.protobuf import json_format
    from tfx.dsl.compiler.constants import PIPELINE_RUN_ID_PARAMETER_NAME
    from tfx.orchestration.portable.runtime_parameter_utils import substitute_runtime_parameter
    from tfx.proto import range_config_pb2
    from tfx.proto.orchestration import pipeline_pb2

    run = pipeline_pb2.Pipeline()
    run.CopyFrom(pipeline)
    values = {PIPELINE_RUN_ID_PARAMETER_NAME: run_id, SPANS_PARAMETER: ""}  # TFX's default
    if span is not None:
        chosen = range_config_pb2.StaticRange(start_span_number=span, end_span_number=span)
        values[SPANS_PARAMETER] = json_format.MessageToJson(
            range_config_pb2.RangeConfig(static_range=chosen)
        )
    substitute_runtime_parameter(run, values)
    _describe(run, properties)
    return run


def _describe(pipeline: Any, properties: Mapping[str, str]) -> None:
    """Sets properties of the context of the run, which the history reads."""
    for node in pipeline.nodes:
        for context in node.pipeline_node.contexts.contexts:
            if context.type.name == "pipeline_run":
                for name, value in properties.items():
                    context.properties[name].field_value.string_value = value


def nodes_until(pipeline: Any, until: str | None) -> list[str]:
    """Returns the names of all nodes in order, or of `until` and the nodes that it needs."""
    nodes = {node.pipeline_node.node_info.id: node.pipeline_node for node in pipeline.nodes}
    if until is None:
        return list(nodes)
    needed, queue = set(), [until]
    while queue:
        node_id = queue.pop()
        if node_id not in needed:
            needed.add(node_id)
            queue.extend(nodes[node_id].upstream_nodes)
    return [node_id for node_id in nodes if node_id in needed]
