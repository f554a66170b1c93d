"""Runs in a real ML Metadata store, as TFX records them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ml_metadata
from google.protobuf import json_format
from ml_metadata.proto import metadata_store_pb2 as proto

from components.report import SUMMARY_FILE
from components.report.lineage import CPU_SECONDS, PEAK_MEMORY

STATES = proto.Execution
PROPERTIES = {
    "data": "embedded sample",
    "seed": "0",
    "parameters": "{}",
    "nodes": '["Trainer", "Report"]',
}


@dataclass
class Store:
    """An SQLite store below `root`."""

    root: Path
    open: Any = field(init=False)
    _types: dict[str, int] = field(init=False, default_factory=dict)

    def __post_init__(self):
        config = proto.ConnectionConfig()
        config.sqlite.filename_uri = str(self.root / "metadata.sqlite")
        config.sqlite.connection_mode = proto.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
        self.connection = json_format.MessageToJson(config)
        self.open = ml_metadata.MetadataStore(config)

    def run(self, tutorial: str, run_id: str, **properties: str) -> proto.Context:
        """Begins a run and returns its context."""
        context = self._context("pipeline_run", run_id)
        for name, value in {"tutorial": tutorial, **properties}.items():
            context.custom_properties[name].string_value = value
        (context.id,) = self.open.put_contexts([context])
        return context

    def begun(self, tutorial: str, run_id: str, **properties: str) -> proto.Context:
        """Begins a run of a Trainer and a Report. Returns its context."""
        return self.run(tutorial, run_id, **{**PROPERTIES, **properties})

    def finished(
        self, tutorial: str, run_id: str, summary: dict[str, Any], **properties: str
    ) -> Path:
        """Records a complete run of a Trainer and a Report. Returns the Trainer's `model_run`."""
        folder = self.root / run_id
        for name in ("model_run", "report"):
            (folder / name).mkdir(parents=True)
        (folder / "report" / SUMMARY_FILE).write_text(json.dumps(summary), encoding="utf-8")
        run = self.begun(tutorial, run_id, **properties)
        for node_id, key, kind, properties in (
            ("DataGate", "verdict", "GateVerdict", {"passed": summary["gate_passed"]}),
            ("Trainer", "model_run", "ModelRun", {}),
            ("Evaluator", "blessing", "ModelBlessing", {"blessed": summary["blessed"]}),
            ("Report", "report", "RunReport", {}),
        ):
            artifact = self.artifact(kind, str(folder / key))
            for name, value in properties.items():
                artifact.custom_properties[name].int_value = int(value)
            self.node(run, node_id, outputs={key: artifact})
        return folder / "model_run"

    def artifact(self, type_name: str, uri: str) -> proto.Artifact:
        """Returns a new artifact. The node that writes the artifact stores it."""
        return proto.Artifact(type_id=self._type("artifact", type_name), uri=uri)

    def node(
        self,
        run: proto.Context,
        node_id: str,
        inputs: Mapping[str, proto.Artifact] = {},
        outputs: Mapping[str, proto.Artifact] = {},
        state: int = STATES.COMPLETE,
        cpu_seconds: float = 0.0,
        peak_memory: int = 0,
    ) -> None:
        """Records a node of a run, and sets the ids of its artifacts."""
        tutorial = run.custom_properties["tutorial"].string_value
        execution = proto.Execution(
            type_id=self._type("execution", node_id), last_known_state=state
        )
        execution.custom_properties[CPU_SECONDS].double_value = cpu_seconds
        execution.custom_properties[PEAK_MEMORY].int_value = peak_memory
        pairs = [(a, self._event(k, proto.Event.INPUT)) for k, a in inputs.items()]
        pairs += [(a, self._event(k, proto.Event.OUTPUT)) for k, a in outputs.items()]
        contexts = [
            run,
            self._context("node", f"{tutorial}.{node_id}"),
            self._context("pipeline", tutorial),
        ]
        _, artifact_ids, _ = self.open.put_execution(
            execution, pairs, contexts, reuse_context_if_already_exist=True
        )
        for (artifact, _), artifact_id in zip(pairs, artifact_ids, strict=True):
            artifact.id = artifact_id

    def _context(self, kind: str, name: str) -> proto.Context:
        return proto.Context(type_id=self._type("context", kind), name=name)

    def _event(self, key: str, kind: int) -> proto.Event:
        event = proto.Event(type=kind)
        event.path.steps.add().key = key
        event.path.steps.add().index = 0
        return event

    def _type(self, kind: str, name: str) -> int:
        if name not in self._types:
            message = {
                "context": proto.ContextType,
                "execution": proto.ExecutionType,
                "artifact": proto.ArtifactType,
            }[kind]
            self._types[name] = getattr(self.open, f"put_{kind}_type")(message(name=name))
        return self._types[name]
