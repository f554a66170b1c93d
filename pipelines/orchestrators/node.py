"""Runs one node of a compiled pipeline: the one function that every orchestrator calls.

Nothing passes between nodes except ML Metadata and files, so each can run in its own process.
"""

from __future__ import annotations

from typing import Any, Literal

from components.errors import UserError
from components.metadata_connection import connected_to
from components.report.lineage import CPU_SECONDS, PEAK_MEMORY
from pipelines.orchestrators.usage import measured

State = Literal["run", "cached", "skipped"]
"""How a node ended: it ran, its results were cached, or its condition was not met."""


def run_node(pipeline: Any, node_id: str, connection: Any) -> State:
    """Runs a node with TFX's launcher: driver, cache, executor, publisher.

    Args:
        pipeline: A compiled `tfx.orchestration.Pipeline` proto with a run id.
        node_id: The name of the node.
        connection: The `ConnectionConfig` of the ML Metadata store.

    Returns:
        How the node ended.

    Raises:
        UserError: The node refused its input or has none. Its execution is marked as failed.
        Exception: Any other error of the node's executor.
    """
    from ml_metadata.proto import metadata_store_pb2
    from tfx.orchestration import metadata
    from tfx.orchestration.local import runner_utils
    from tfx.orchestration.portable import launcher

    node = next(n.pipeline_node for n in pipeline.nodes if n.pipeline_node.node_info.id == node_id)
    deployment = runner_utils.extract_local_deployment_config(pipeline)
    store = metadata.Metadata(connection)
    # Resolvers and importers, which have no executor, are launched by the same call.
    launch = launcher.Launcher(
        pipeline_node=node,
        mlmd_connection=store,
        pipeline_info=pipeline.pipeline_info,
        pipeline_runtime_spec=pipeline.runtime_spec,
        executor_spec=runner_utils.extract_executor_spec(deployment, node_id),
        custom_driver_spec=runner_utils.extract_custom_driver_spec(deployment, node_id),
    ).launch
    try:
        with measured() as usage, connected_to(connection):
            info = launch()
    except (KeyboardInterrupt, SystemExit):
        _cancel(store, pipeline)
        raise
    except Exception as error:
        if not str(error).startswith(KeyboardInterrupt.__name__):
            raise
        # Beam turns an interrupt in the functions that it calls into an error of that text.
        _cancel(store, pipeline)
        raise KeyboardInterrupt from error
    if info is None or not info.execution_id:
        return "skipped"
    with store as opened:
        (execution,) = opened.store.get_executions_by_id([info.execution_id])
        execution.custom_properties[CPU_SECONDS].double_value = usage.cpu_seconds
        execution.custom_properties[PEAK_MEMORY].int_value = usage.peak_memory
        opened.store.put_executions([execution])
    states = metadata_store_pb2.Execution
    if execution.last_known_state == states.FAILED:
        # TFX reports inputs that it cannot resolve in this way only.
        raise UserError(
            f"{node_id} has no input, because a node before it has not succeeded in this run. "
            "Run the whole pipeline again."
        )
    return "cached" if execution.last_known_state == states.CACHED else "run"


def _cancel(store: Any, pipeline: Any) -> None:
    """Marks the executions that this run has not finished as canceled, so the history is right."""
    from ml_metadata.proto import metadata_store_pb2

    run_id = pipeline.runtime_spec.pipeline_run_id.field_value.string_value
    states = metadata_store_pb2.Execution
    with store as opened:
        context = opened.store.get_context_by_type_and_name("pipeline_run", run_id)
        if context is None:
            return
        unfinished = [
            execution
            for execution in opened.store.get_executions_by_context(context.id)
            if execution.last_known_state in (states.NEW, states.RUNNING, states.FAILED)
        ]
        for execution in unfinished:
            execution.last_known_state = states.CANCELED
        opened.store.put_executions(unfinished)
