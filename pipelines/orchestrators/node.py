"""Runs one node of a compiled pipeline: the one function that every orchestrator calls.

Nothing passes between nodes except ML Metadata and files, so each can run in its own process.
"""

from __future__ import annotations

from typing import Any, Literal

from components.errors import UserError
from components.metadata_connection import connected_to
from components.report.lineage import CPU_SECONDS, NODE_ID, PEAK_MEMORY
from pipelines.orchestrators.executor_on_use import operators_on_use
from pipelines.orchestrators.usage import measured

State = Literal["run", "cached", "skipped", "done"]
"""How a node ended: it ran, its results were cached, its condition was not met, or an earlier
attempt of the same run had finished it."""


def run_node(pipeline: Any, node_id: str, store: Any) -> State:
    """Runs a node with TFX's launcher: driver, cache, executor, publisher.

    Args:
        pipeline: A compiled `tfx.orchestration.Pipeline` proto with a run id.
        node_id: The name of the node.
        store: An open `tfx.orchestration.metadata.Metadata`; see `execution.open_metadata`.

    Returns:
        How the node ended.

    Raises:
        UserError: The node refused its input or has none. Its execution is marked as failed.
        Exception: Any other error of the node's executor.
    """
    from ml_metadata.proto import metadata_store_pb2
    from tfx.orchestration.local import runner_utils
    from tfx.orchestration.portable import launcher

    node = next(n.pipeline_node for n in pipeline.nodes if n.pipeline_node.node_info.id == node_id)
    deployment = runner_utils.extract_local_deployment_config(pipeline)
    # Resolvers and importers, which have no executor, are launched by the same call.
    launch = launcher.Launcher(
        pipeline_node=node,
        mlmd_connection=store,
        pipeline_info=pipeline.pipeline_info,
        pipeline_runtime_spec=pipeline.runtime_spec,
        executor_spec=runner_utils.extract_executor_spec(deployment, node_id),
        custom_driver_spec=runner_utils.extract_custom_driver_spec(deployment, node_id),
        custom_executor_operators=operators_on_use(launcher.DEFAULT_EXECUTOR_OPERATORS),
    ).launch
    try:
        with measured() as usage, connected_to(store.store):
            info = launch()
    except (KeyboardInterrupt, SystemExit):
        _cancel(store.store, node)
        raise
    except Exception as error:
        if not str(error).startswith(KeyboardInterrupt.__name__):
            raise
        # Beam turns an interrupt in the functions that it calls into an error of that text.
        _cancel(store.store, node)
        raise KeyboardInterrupt from error
    if info is None or not info.execution_id:
        return "skipped"
    (execution,) = store.store.get_executions_by_id([info.execution_id])
    execution.custom_properties[NODE_ID].string_value = node_id
    execution.custom_properties[CPU_SECONDS].double_value = usage.cpu_seconds
    execution.custom_properties[PEAK_MEMORY].int_value = usage.peak_memory
    store.store.put_executions([execution])
    states = metadata_store_pb2.Execution
    if execution.last_known_state == states.FAILED:
        # TFX reports inputs that it cannot resolve in this way only.
        raise UserError(
            f"{node_id} has no input, because a node before it has not succeeded in this run. "
            "Run the whole pipeline again."
        )
    return "cached" if execution.last_known_state == states.CACHED else "run"


def _cancel(store: Any, node: Any) -> None:
    """Marks the executions that this node has not finished as canceled, so the history is right."""
    from ml_metadata.proto import metadata_store_pb2

    states = metadata_store_pb2.Execution
    names = {
        context.type.name: context.name.field_value.string_value
        for context in node.contexts.contexts
    }
    run, own = (
        store.get_context_by_type_and_name(kind, names[kind]) for kind in ("pipeline_run", "node")
    )
    if run is None or own is None:
        return
    ids = {execution.id for execution in store.get_executions_by_context(own.id)}
    unfinished = [
        execution
        for execution in store.get_executions_by_context(run.id)
        if execution.id in ids
        and execution.last_known_state in (states.NEW, states.RUNNING, states.FAILED)
    ]
    for execution in unfinished:
        execution.last_known_state = states.CANCELED
    store.put_executions(unfinished)
