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
        id: Its number in ML Metadata.
        key: What the node calls it, such as `examples`.
        type: Its type, such as `Examples`.
        uri: Its path.
        properties: Its custom properties: texts and whole numbers.
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
        started: When, in UTC.
        seconds: How long it took, TFX's driver and publisher included.
        cpu_seconds: Processor time; 0 where it was not measured, as of a node that failed.
        peak_memory: Most bytes that its process held in memory; 0 where it was not measured.
        inputs: What it read.
        artifacts: What it made, or what stood in from the cache.
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
    def outputs(self) -> Mapping[str, str]:
        """Output key -> URI of its first artifact."""
        return {artifact.key: artifact.uri for artifact in reversed(self.artifacts)}


class Earlier(NamedTuple):
    """What a node made before, from other data.

    Attributes:
        uri: Where it lies.
        run_id: The run that made it.
        data: What that run's user was told of its data.
    """

    uri: str
    run_id: str
    data: str


def time_of(milliseconds: int) -> datetime:
    """Returns a time of ML Metadata, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, tz=timezone.utc)


def nodes(store: Any, run: Any) -> tuple[Node, ...]:
    """Returns the nodes of a run that began, in order.

    Args:
        store: `ml_metadata.MetadataStore`.
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
    """Returns the nodes of a run except one, which is still running.

    Args:
        store: `ml_metadata.MetadataStore`.
        run_id: The run's name.
        node_id: The node that asks.
    """
    run = store.get_context_by_type_and_name("pipeline_run", run_id)
    return tuple(node for node in nodes(store, run) if node.node_id != node_id)


def earlier(store: Any, artifact_id: int) -> Earlier | None:
    """Returns what the same node made last before an artifact; None if that was its first.

    Args:
        store: `ml_metadata.MetadataStore`.
        artifact_id: The artifact's number.
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
    # Later ones of its events say that it stood in from the cache.
    first = min(event.execution_id for event in before if event.artifact_id == last)
    run = _context(store, first, "pipeline_run")
    (artifact,) = store.get_artifacts_by_id([last])
    return Earlier(artifact.uri, run.name, run.custom_properties["data"].string_value)


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


def _node(store: Any, execution: Any, artifacts: Mapping[tuple[int, int], list[Artifact]]) -> Node:
    milliseconds = execution.last_update_time_since_epoch - execution.create_time_since_epoch
    return Node(
        # TFX names a node's context PIPELINE.NODE.
        node_id=_context(store, execution.id, "node").name.rpartition(".")[2],
        state=_STATES.get(execution.last_known_state, "interrupted"),
        started=time_of(execution.create_time_since_epoch),
        seconds=milliseconds / 1000,
        cpu_seconds=execution.custom_properties[CPU_SECONDS].double_value,
        peak_memory=execution.custom_properties[PEAK_MEMORY].int_value,
        inputs=tuple(artifacts.get((execution.id, _INPUT), ())),
        artifacts=tuple(artifacts.get((execution.id, _OUTPUT), ())),
    )
