"""A compiled plan as files: what an orchestrator needs to run the nodes of a pipeline."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from components.errors import UsageError, did_you_mean
from pipelines.datasets.layouts import SAMPLE, SAMPLE_ORIGIN
from pipelines.fingerprint import source_fingerprint
from pipelines.orchestrators.log_file import output_to
from pipelines.plan import Plan
from pipelines.root import Root
from pipelines.stages import Task, as_stages

PLAN_FILE, PIPELINE_FILE = "plan.json", "pipeline.json"
FORMAT = 1


@dataclass(frozen=True)
class CompiledPlan:
    """The content of a folder that `write` wrote.

    Attributes:
        folder: The folder.
        pipeline: The name of the pipeline.
        code: The fingerprint of the source that compiled it.
        root: The root, as the nodes see it.
        data: `sample`, or the path of the data as the nodes see it.
        upstream: Node -> the nodes before it, in an order in which they can run.
        stages: The stages, in order.
    """

    folder: Path
    pipeline: str
    code: str
    root: Root
    data: str
    upstream: Mapping[str, tuple[str, ...]]
    stages: tuple[Task, ...]

    @cached_property
    def digest(self) -> str:
        """Identical for plans that were compiled from the same input."""
        files = (self.folder / name for name in (PLAN_FILE, PIPELINE_FILE))
        return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]

    def intermediate_representation(self) -> Any:
        """Returns the `tfx.orchestration.Pipeline` proto, with the run id left open."""
        from google.protobuf import json_format

        # The JSON contains messages of these types, which must be known to be parsed.
        from tfx.proto.orchestration import executable_spec_pb2, pipeline_pb2

        del executable_spec_pb2
        return json_format.Parse(
            (self.folder / PIPELINE_FILE).read_text("utf-8"), pipeline_pb2.Pipeline()
        )

    def nodes_of(self, stage: str | None, node_ids: Sequence[str]) -> tuple[str, ...]:
        """Returns the nodes of a stage, or given nodes in order, or all nodes.

        Args:
            stage: The name of a stage; None for no stage.
            node_ids: Names of nodes.

        Raises:
            UsageError: There is no such stage or node, or both are given.
        """
        if stage is not None and node_ids:
            raise UsageError("Both --stage and --node are given. Give one of them.")
        stages = {found.name: found.nodes for found in self.stages}
        for kind, names, known in (
            ("stage", [stage] if stage is not None else [], list(stages)),
            ("node", node_ids, list(self.upstream)),
        ):
            for name in names:
                if name not in known:
                    raise UsageError(
                        f"The plan {self.folder} has no {kind} '{name}'."
                        f"{did_you_mean(name, known)} Choose one of {', '.join(known)}."
                    )
        if stage is not None:
            return stages[stage]
        return tuple(node for node in self.upstream if not node_ids or node in node_ids)


def write(plan: Plan, folder: Path) -> CompiledPlan:
    """Compiles a plan and writes it as two JSON files. The same input gives the same bytes.

    The files contain no password, and neither the data nor the root need be visible here.

    Args:
        plan: The plan.
        folder: The folder for the files, which is created.

    Raises:
        UsageError: The files cannot be written.
    """
    from google.protobuf import json_format

    from pipelines.compiler import compile_plan, nodes_until

    with output_to(Path(os.devnull)):  # TensorFlow prints notes on the processor
        pipeline = compile_plan(plan)
    nodes = {node.pipeline_node.node_info.id: node.pipeline_node for node in pipeline.nodes}
    chosen = nodes_until(pipeline, plan.until)
    manifest = {
        "format": FORMAT,
        "pipeline": plan.spec.name,
        "code": current_code(),
        "root": str(plan.root.path),
        "metadata": plan.root.metadata,
        "data": SAMPLE if plan.data.origin == SAMPLE_ORIGIN else plan.data.origin,
        "nodes": [{"id": n, "upstream": sorted(nodes[n].upstream_nodes)} for n in chosen],
        "stages": [task._asdict() for task in as_stages(chosen)],
    }
    contents = {
        PLAN_FILE: json.dumps(manifest, indent=2),
        PIPELINE_FILE: json.dumps(json_format.MessageToDict(pipeline), indent=2, sort_keys=True),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name).write_text(content + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"Cannot write the plan to {folder} ({error.strerror}). Choose another folder with -o."
        ) from error
    return read(folder)


def read(folder: Path) -> CompiledPlan:
    """Reads a compiled plan. Imports without TFX.

    Raises:
        UsageError: The folder contains no plan, or one that this version cannot read.
    """
    try:
        manifest = json.loads((folder / PLAN_FILE).read_text("utf-8"))
        if manifest["format"] != FORMAT:
            raise UsageError(
                f"{folder / PLAN_FILE} has the format {manifest['format']}, and this version reads "
                f"format {FORMAT}. Compile the pipeline again: tutorials compile"
            )
        root = Path(manifest["root"])
        return CompiledPlan(
            folder=folder,
            pipeline=manifest["pipeline"],
            code=manifest["code"],
            root=Root(root, root, manifest["metadata"]),
            data=manifest["data"],
            upstream={node["id"]: tuple(node["upstream"]) for node in manifest["nodes"]},
            stages=tuple(
                Task(stage["name"], tuple(stage["nodes"]), tuple(stage["upstream"]))
                for stage in manifest["stages"]
            ),
        )
    except OSError as error:
        raise UsageError(
            f"{folder} contains no readable {PLAN_FILE} ({error.strerror}). "
            "Write one with 'tutorials compile'."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{folder / PLAN_FILE} is not a compiled plan ({error}). "
            "Write one with 'tutorials compile'."
        ) from error


def current_code() -> str:
    """Returns the fingerprint of the project's source, which a plan and its nodes must share."""
    return source_fingerprint("pipelines", "components", "schemas", "trainer_modules")
