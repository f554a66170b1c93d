"""The nodes of a run, as ML Metadata has them. Imports without TFX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal

import ml_metadata
from google.protobuf import json_format
from ml_metadata.proto import metadata_store_pb2

CPU_SECONDS, PEAK_MEMORY = "cpu_seconds", "peak_memory"
"""Custom properties of an execution; see `pipelines.runners.usage.Usage`."""

State = Literal["run", "cached", "failed", "interrupted"]

_STATES: Mapping[int, State] = {
    metadata_store_pb2.Execution.COMPLETE: "run",
    metadata_store_pb2.Execution.CACHED: "cached",
    metadata_store_pb2.Execution.FAILED: "failed",
}


@dataclass(frozen=True)
class Node:
    """One node of a run.

    Attributes:
        node_id: Its name.
        state: How it ended.
        started: When, in UTC.
        seconds: How long it took, TFX's driver and publisher included.
        cpu_seconds: Processor time; 0 where it was not measured, as of a node that failed.
        peak_memory: Most bytes that its process held in memory; 0 where it was not measured.
        inputs: Ids of the artifacts it read.
        output_ids: Ids of those it made, or that stood in from the cache.
        outputs: Output key -> URI of its first artifact.
    """

    node_id: str
    state: State
    started: datetime
    seconds: float
    cpu_seconds: float
    peak_memory: int
    inputs: frozenset[int]
    output_ids: frozenset[int]
    outputs: Mapping[str, str]


def nodes(store: Any, run: Any) -> tuple[Node, ...]:
    """Returns the nodes of a run that began, in order.

    Args:
        store: `ml_metadata.MetadataStore`.
        run: The run's context in it.
    """
    executions = store.get_executions_by_context(run.id)
    return tuple(_node(store, e) for e in sorted(executions, key=lambda e: e.id))


def nodes_before(connection: str, run_id: str, node_id: str) -> tuple[Node, ...]:
    """Returns the nodes of a run but one, which is still running.

    Args:
        connection: JSON of ML Metadata's `ConnectionConfig`.
        run_id: The run's name.
        node_id: The node that asks.
    """
    store = _store(connection)
    run = store.get_context_by_type_and_name("pipeline_run", run_id)
    return tuple(node for node in nodes(store, run) if node.node_id != node_id)


def previous_output(connection: str, run_id: str, key: str, uri: str) -> Path | None:
    """Returns the latest other output of that kind of an earlier run of the same pipeline.

    Args:
        connection: JSON of ML Metadata's `ConnectionConfig`.
        run_id: The run's name.
        key: Of the output.
        uri: The run's own output, which also earlier runs may have had.

    Returns:
        Its folder; None where there is none any more.
    """
    store = _store(connection)
    run = store.get_context_by_type_and_name("pipeline_run", run_id)
    (pipeline,) = store.get_parent_contexts_by_context(run.id)
    runs = store.get_children_contexts_by_context(pipeline.id)
    for earlier in sorted((other for other in runs if other.id < run.id), key=lambda r: -r.id):
        for node in nodes(store, earlier):
            found = node.outputs.get(key, uri)
            if found != uri and node.state in ("run", "cached") and Path(found).is_dir():
                return Path(found)
    return None


def _store(connection: str) -> Any:
    config = json_format.Parse(connection, metadata_store_pb2.ConnectionConfig())
    return ml_metadata.MetadataStore(config)


def _node(store: Any, execution: Any) -> Node:
    (node,) = (
        context
        for context in store.get_contexts_by_execution(execution.id)
        if context.type == "node"
    )
    events: dict[int, list[Any]] = {
        metadata_store_pb2.Event.INPUT: [],
        metadata_store_pb2.Event.OUTPUT: [],
    }
    for event in store.get_events_by_execution_ids([execution.id]):
        events.setdefault(event.type, []).append(event)
    outputs = events[metadata_store_pb2.Event.OUTPUT]
    uris = {
        artifact.id: artifact.uri
        for artifact in store.get_artifacts_by_id([event.artifact_id for event in outputs])
    }
    milliseconds = execution.last_update_time_since_epoch - execution.create_time_since_epoch
    return Node(
        # TFX names a node's context PIPELINE.NODE.
        node_id=node.name.rpartition(".")[2],
        state=_STATES.get(execution.last_known_state, "interrupted"),
        started=datetime.fromtimestamp(execution.create_time_since_epoch / 1000, tz=timezone.utc),
        seconds=milliseconds / 1000,
        cpu_seconds=execution.custom_properties[CPU_SECONDS].double_value,
        peak_memory=execution.custom_properties[PEAK_MEMORY].int_value,
        inputs=frozenset(e.artifact_id for e in events[metadata_store_pb2.Event.INPUT]),
        output_ids=frozenset(uris),
        outputs={event.path.steps[0].key: uris[event.artifact_id] for event in reversed(outputs)},
    )
