"""The nodes of a run, as ML Metadata has them. Imports without TFX."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from ml_metadata.proto import metadata_store_pb2

CPU_SECONDS, PEAK_MEMORY = "cpu_seconds", "peak_memory"
"""Custom properties of an execution; see `pipelines.orchestrators.usage.Usage`."""

NODE_ID = "node_id"
"""A custom property of an execution that ended: the name of its node."""

State = Literal["run", "cached", "failed", "interrupted"]

_STATES: Mapping[int, State] = {
    metadata_store_pb2.Execution.COMPLETE: "run",
    metadata_store_pb2.Execution.CACHED: "cached",
    metadata_store_pb2.Execution.FAILED: "failed",
}
_INPUT, _OUTPUT = metadata_store_pb2.Event.INPUT, metadata_store_pb2.Event.OUTPUT


class Artifact(NamedTuple):
    """An artifact on record.

    Attributes:
        id: Its ID in ML Metadata.
        key: Its name as an input or output of the node, such as `examples`.
        type: Its type, such as `Examples`.
        uri: Its path.
        properties: Its custom properties: strings and integers.
    """

    id: int
    key: str
    type: str
    uri: str
    properties: Mapping[str, str | int] = MappingProxyType({})


@dataclass(frozen=True)
class Node:
    """One node of a run.

    Attributes:
        node_id: Its name.
        state: How it ended.
        started: Its start in UTC.
        seconds: Its duration, including TFX's driver and publisher.
        cpu_seconds: Its processor time; 0 if it was not measured, as for a node that failed.
        peak_memory: The peak memory of its process in bytes; 0 if it was not measured.
        inputs: The artifacts that it read.
        artifacts: The artifacts that it wrote, or that came from the cache.
    """

    node_id: str
    state: State
    started: datetime
    seconds: float
    cpu_seconds: float
    peak_memory: int
    inputs: tuple[Artifact, ...]
    artifacts: tuple[Artifact, ...]

    @property
    def succeeded(self) -> bool:
        """Whether its results are there."""
        return self.state in ("run", "cached")

    @property
    def outputs(self) -> Mapping[str, str]:
        """Output key -> URI of its first artifact."""
        return {artifact.key: artifact.uri for artifact in reversed(self.artifacts)}


class PreviousArtifact(NamedTuple):
    """An artifact that a node wrote in an earlier run, from other data.

    Attributes:
        uri: Its path.
        run_id: The run that wrote it.
        data: The name of that run's data.
    """

    uri: str
    run_id: str
    data: str


def time_of(milliseconds: int) -> datetime:
    """Converts a time of ML Metadata to UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, tz=timezone.utc)


def nodes(store: Any, run: Any) -> tuple[Node, ...]:
    """Returns the nodes of a run that have started, in order.

    Args:
        store: The `ml_metadata.MetadataStore`.
        run: The run's context in it.
    """
    executions = sorted(store.get_executions_by_context(run.id), key=lambda e: e.id)
    if not executions:
        return ()
    events = store.get_events_by_execution_ids([execution.id for execution in executions])
    stored = {
        artifact.id: artifact
        for artifact in store.get_artifacts_by_id(list({event.artifact_id for event in events}))
    }
    artifacts: dict[tuple[int, int], list[Artifact]] = defaultdict(list)
    for event in events:
        artifact, key = stored[event.artifact_id], event.path.steps[0].key
        artifacts[event.execution_id, event.type].append(
            Artifact(artifact.id, key, artifact.type, artifact.uri, _properties(artifact))
        )
    return tuple(_node(store, execution, artifacts) for execution in executions)


def nodes_before(store: Any, run_id: str, node_id: str) -> tuple[Node, ...]:
    """Returns the nodes of a run except the one that is still running.

    Args:
        store: The `ml_metadata.MetadataStore`.
        run_id: The run's name.
        node_id: The node that is still running.
    """
    run = store.get_context_by_type_and_name("pipeline_run", run_id)
    return tuple(node for node in nodes(store, run) if node.node_id != node_id)


def previous_artifact(store: Any, artifact_id: int) -> PreviousArtifact | None:
    """Returns the artifact that the same node wrote before this one; None if this is its first.

    Args:
        store: The `ml_metadata.MetadataStore`.
        artifact_id: The artifact's ID.
    """
    made = _outputs(store.get_events_by_artifact_ids([artifact_id]))
    node = _context(store, made[0].execution_id, "node")
    executions = [execution.id for execution in store.get_executions_by_context(node.id)]
    before = [
        event
        for event in _outputs(store.get_events_by_execution_ids(executions))
        if event.artifact_id < artifact_id and event.path == made[0].path
    ]
    if not before:
        return None
    last = max(event.artifact_id for event in before)
    # Its later events are those of runs that took it from the cache.
    first = min(event.execution_id for event in before if event.artifact_id == last)
    run = _context(store, first, "pipeline_run")
    (artifact,) = store.get_artifacts_by_id([last])
    return PreviousArtifact(artifact.uri, run.name, run.custom_properties["data"].string_value)


def _properties(artifact: Any) -> dict[str, str | int]:
    return {
        name: getattr(value, kind)
        for name, value in artifact.custom_properties.items()
        if (kind := value.WhichOneof("value")) in ("string_value", "int_value")
    }


def _outputs(events: Iterable[Any]) -> list[Any]:
    return [event for event in events if event.type == _OUTPUT]


def _context(store: Any, execution_id: int, kind: str) -> Any:
    contexts = store.get_contexts_by_execution(execution_id)
    return next(context for context in contexts if context.type == kind)


def _node_id(store: Any, execution_id: int) -> str:
    # TFX names a node's context PIPELINE.NODE. This takes queries for each execution.
    name: str = _context(store, execution_id, "node").name
    return name.rpartition(".")[2]


def _node(store: Any, execution: Any, artifacts: Mapping[tuple[int, int], list[Artifact]]) -> Node:
    milliseconds = execution.last_update_time_since_epoch - execution.create_time_since_epoch
    return Node(
        node_id=execution.custom_properties[NODE_ID].string_value or _node_id(store, execution.id),
        state=_STATES.get(execution.last_known_state, "interrupted"),
        started=time_of(execution.create_time_since_epoch),
        seconds=milliseconds / 1000,
        cpu_seconds=execution.custom_properties[CPU_SECONDS].double_value,
        peak_memory=execution.custom_properties[PEAK_MEMORY].int_value,
        inputs=tuple(artifacts.get((execution.id, _INPUT), ())),
        artifacts=tuple(artifacts.get((execution.id, _OUTPUT), ())),
    )
