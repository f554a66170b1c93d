"""What ML Metadata knows of a run's nodes. Imports without TFX."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal

from ml_metadata.proto import metadata_store_pb2

CPU_SECONDS, PEAK_MEMORY = "cpu_seconds", "peak_memory"
"""Custom properties of an execution that say what it took."""

NodeState = Literal["run", "cached", "failed", "interrupted"]

_STATES: Mapping[int, NodeState] = {
    metadata_store_pb2.Execution.COMPLETE: "run",
    metadata_store_pb2.Execution.CACHED: "cached",
    metadata_store_pb2.Execution.FAILED: "failed",
}


@dataclass(frozen=True)
class StoredArtifact:
    """An artifact on record.

    Attributes:
        id: Its number in ML Metadata.
        key: What the node calls it, such as `examples`.
        type: Its type, such as `Examples`.
        uri: Where it lies.
    """

    id: int
    key: str
    type: str
    uri: str


@dataclass(frozen=True)
class NodeRun:
    """One node of a run.

    Attributes:
        node_id: Its name.
        state: How it ended. Whether one without an end was killed or is still at work is not on
            record: both are "interrupted".
        started: When, in UTC.
        seconds: How long it took, TFX's driver and publisher included.
        cpu_seconds: Processor time; 0 where it was not measured, as of a node that failed.
        peak_memory: Most bytes that its process held in memory; 0 where it was not measured.
        inputs: What it read.
        artifacts: What it wrote or, cached, took over.
    """

    node_id: str
    state: NodeState
    started: datetime
    seconds: float
    cpu_seconds: float
    peak_memory: int
    inputs: tuple[StoredArtifact, ...]
    artifacts: tuple[StoredArtifact, ...]

    @property
    def outputs(self) -> Mapping[str, str]:
        """Output key -> URI of its first artifact."""
        return {artifact.key: artifact.uri for artifact in reversed(self.artifacts)}


def time_of(milliseconds: int) -> datetime:
    """Returns a time of ML Metadata, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, tz=timezone.utc)


def nodes_of(store: Any, run_context_id: int) -> tuple[NodeRun, ...]:
    """Returns the nodes of a run that began, in order.

    Args:
        store: An `ml_metadata.MetadataStore`.
        run_context_id: Of the run's `pipeline_run` context.
    """
    executions = sorted(store.get_executions_by_context(run_context_id), key=lambda e: e.id)
    if not executions:
        return ()
    events = store.get_events_by_execution_ids([execution.id for execution in executions])
    artifacts = {
        artifact.id: artifact
        for artifact in store.get_artifacts_by_id(list({event.artifact_id for event in events}))
    }
    stored: dict[tuple[int, int], list[StoredArtifact]] = defaultdict(list)
    for event in events:
        artifact = artifacts[event.artifact_id]
        key = event.path.steps[0].key
        stored[event.execution_id, event.type].append(
            StoredArtifact(artifact.id, key, artifact.type, artifact.uri)
        )
    return tuple(_node_run(store, execution, stored) for execution in executions)


def _node_run(store: Any, execution: Any, stored: Mapping[tuple[int, int], Any]) -> NodeRun:
    milliseconds = execution.last_update_time_since_epoch - execution.create_time_since_epoch
    event = metadata_store_pb2.Event
    return NodeRun(
        # TFX names a node's context PIPELINE.NODE.
        node_id=_context(store, execution.id, "node").name.rpartition(".")[2],
        state=_STATES.get(execution.last_known_state, "interrupted"),
        started=time_of(execution.create_time_since_epoch),
        seconds=milliseconds / 1000,
        cpu_seconds=execution.custom_properties[CPU_SECONDS].double_value,
        peak_memory=execution.custom_properties[PEAK_MEMORY].int_value,
        inputs=tuple(stored.get((execution.id, event.INPUT), ())),
        artifacts=tuple(stored.get((execution.id, event.OUTPUT), ())),
    )


@dataclass(frozen=True)
class EarlierArtifact:
    """What a node wrote in an earlier run.

    Attributes:
        uri: Where it lies.
        run_id: The run that wrote it.
        data: What that run read, in words.
    """

    uri: str
    run_id: str
    data: str


def earlier(store: Any, artifact_id: int) -> EarlierArtifact | None:
    """Returns what the same node wrote last before an artifact, or None if that was its first.

    Args:
        store: An `ml_metadata.MetadataStore`.
        artifact_id: The artifact's number.
    """
    written = _outputs(store.get_events_by_artifact_ids([artifact_id]))
    node = _context(store, written[0].execution_id, "node")
    executions = [execution.id for execution in store.get_executions_by_context(node.id)]
    before = [
        event
        for event in _outputs(store.get_events_by_execution_ids(executions))
        if event.artifact_id < artifact_id and event.path == written[0].path
    ]
    if not before:
        return None
    last = max(event.artifact_id for event in before)
    # A cached node wrote it again, in a manner of speaking.
    first_written = min(event.execution_id for event in before if event.artifact_id == last)
    run = _context(store, first_written, "pipeline_run")
    (artifact,) = store.get_artifacts_by_id([last])
    return EarlierArtifact(artifact.uri, run.name, run.custom_properties["data"].string_value)


def _outputs(events: Iterable[Any]) -> list[Any]:
    return [event for event in events if event.type == metadata_store_pb2.Event.OUTPUT]


def _context(store: Any, execution_id: int, kind: str) -> Any:
    contexts = store.get_contexts_by_execution(execution_id)
    return next(context for context in contexts if context.type == kind)
