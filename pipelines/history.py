"""The runs that ML Metadata knows of. Imports without TFX."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import ml_metadata
from ml_metadata.proto import metadata_store_pb2

from components.report import PAGE_FILE, SUMMARY_FILE
from pipelines.metadata import connection_config

CPU_SECONDS, PEAK_MEMORY = "cpu_seconds", "peak_memory"
"""Custom properties of an execution; see `pipelines.runners.usage.Usage`."""

NodeState = Literal["run", "cached", "failed", "interrupted"]

_STATES: Mapping[int, NodeState] = {
    metadata_store_pb2.Execution.COMPLETE: "run",
    metadata_store_pb2.Execution.CACHED: "cached",
    metadata_store_pb2.Execution.FAILED: "failed",
}


@dataclass(frozen=True)
class NodeRun:
    """One node of a run.

    Attributes:
        node_id: Its name.
        state: How it ended.
        seconds: How long it took, TFX's driver and publisher included.
        cpu_seconds: Processor time; 0 where it was not measured, as of a node that failed.
        peak_memory: Most bytes that its process held in memory; 0 where it was not measured.
        outputs: Output key -> URI of its first artifact.
    """

    node_id: str
    state: NodeState
    seconds: float
    cpu_seconds: float
    peak_memory: int
    outputs: Mapping[str, str]


@dataclass(frozen=True)
class Run:
    """One run of a tutorial, finished or not.

    Attributes:
        run_id: Its name.
        tutorial: The tutorial's name.
        started: When, in UTC.
        properties: What was recorded at its start: `data`, `fingerprint`, `parameters`, `seed`,
            `nodes`, `log`.
        nodes: The nodes that began, in order.
    """

    run_id: str
    tutorial: str
    started: datetime
    properties: Mapping[str, str]
    nodes: tuple[NodeRun, ...]

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What the Report node wrote, or {} if it did not get to run."""
        folder = self._report_folder
        if folder is None or not (folder / SUMMARY_FILE).exists():
            return {}
        summary: dict[str, Any] = json.loads((folder / SUMMARY_FILE).read_text("utf-8"))
        return summary

    @property
    def page(self) -> Path | None:
        """The report for people."""
        return self._report_folder / PAGE_FILE if self._report_folder else None

    @property
    def finished(self) -> bool:
        """Whether every node that was to run did, or was skipped behind the gate."""
        last = json.loads(self.properties["nodes"])[-1]
        return any(node.node_id == last and node.state in ("run", "cached") for node in self.nodes)

    @property
    def _report_folder(self) -> Path | None:
        for node in self.nodes:
            if "report" in node.outputs:
                return Path(node.outputs["report"])
        return None


def runs(root: Path, tutorial: str, limit: int | None = None) -> list[Run]:
    """Returns a tutorial's runs, newest first.

    Args:
        root: Folder of the runs.
        tutorial: The tutorial's name.
        limit: At most so many.
    """
    config = connection_config(root)
    if not Path(config.sqlite.filename_uri).exists():
        return []
    store = ml_metadata.MetadataStore(config)
    contexts = [
        context
        for context in store.get_contexts_by_type("pipeline_run")
        if context.custom_properties["tutorial"].string_value == tutorial
    ]
    contexts.sort(key=lambda context: context.id, reverse=True)
    return [_run(store, context) for context in contexts[:limit]]


def _run(store: Any, context: Any) -> Run:
    executions = store.get_executions_by_context(context.id)
    return Run(
        run_id=context.name,
        tutorial=context.custom_properties["tutorial"].string_value,
        started=datetime.fromtimestamp(context.create_time_since_epoch / 1000, tz=timezone.utc),
        properties={name: value.string_value for name, value in context.custom_properties.items()},
        nodes=tuple(_node_run(store, e) for e in sorted(executions, key=lambda e: e.id)),
    )


def _node_run(store: Any, execution: Any) -> NodeRun:
    (node,) = (
        context
        for context in store.get_contexts_by_execution(execution.id)
        if context.type == "node"
    )
    events = [
        event
        for event in store.get_events_by_execution_ids([execution.id])
        if event.type == metadata_store_pb2.Event.OUTPUT
    ]
    uris = {
        artifact.id: artifact.uri
        for artifact in store.get_artifacts_by_id([event.artifact_id for event in events])
    }
    milliseconds = execution.last_update_time_since_epoch - execution.create_time_since_epoch
    return NodeRun(
        # TFX names a node's context PIPELINE.NODE.
        node_id=node.name.rpartition(".")[2],
        state=_STATES.get(execution.last_known_state, "interrupted"),
        seconds=milliseconds / 1000,
        cpu_seconds=execution.custom_properties[CPU_SECONDS].double_value,
        peak_memory=execution.custom_properties[PEAK_MEMORY].int_value,
        outputs={event.path.steps[0].key: uris[event.artifact_id] for event in reversed(events)},
    )
