"""Wires the components of every tutorial, in reading order."""

from __future__ import annotations

import hashlib
import json
from importlib import import_module
from pathlib import Path
from typing import Any

from components import beam
from pipelines.evaluation import eval_config
from pipelines.fingerprint import source_fingerprint
from pipelines.metadata import connection_config
from pipelines.plan import Plan
from pipelines.tutorial import Tutorial
from schemas.reader import domain, read_schema


def build_pipeline(plan: Plan) -> Any:
    """Builds the `tfx.dsl.Pipeline` of a run.

    The data gate and the Evaluator do not fail but say no. Behind the gate all nodes are
    conditional, so that no TFX orchestrator runs them on bad data; Pusher asks for the Evaluator's
    blessing; Report runs in any case.

    Args:
        plan: What to run.
    """
    from google.protobuf import json_format

    # Not from `tfx.v1`: that imports Google's AI Platform too, 4 s that no node here needs.
    from tfx.components import (
        Evaluator,
        ExampleValidator,
        Trainer,
        Transform,
    )
    from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
    from tfx.dsl.compiler import constants
    from tfx.dsl.components.common.resolver import Resolver
    from tfx.dsl.experimental.conditionals.conditional import Cond
    from tfx.orchestration.data_types import RuntimeParameter
    from tfx.orchestration.pipeline import Pipeline
    from tfx.proto.pusher_pb2 import PushDestination
    from tfx.proto.trainer_pb2 import EvalArgs, TrainArgs
    from tfx.types.channel import Channel
    from tfx.types.standard_artifacts import Model, ModelBlessing

    from components.atomic_pusher.component import AtomicPusher
    from components.baseline.strategy import LatestOtherBlessedModelStrategy
    from components.data_gate.component import DataGate
    from components.report.component import Report
    from components.statistics_gen.component import StatisticsGen

    tutorial = plan.tutorial
    schema_file = str(_schema_snapshot(plan))

    example_gen = example_gen_of(plan)
    statistics_gen = StatisticsGen(
        examples=example_gen.outputs["examples"],
        code=source_fingerprint("components.statistics_gen"),
    )
    schema_gen = ImportSchemaGen(schema_file=schema_file)
    example_validator = ExampleValidator(
        statistics=statistics_gen.outputs["statistics"], schema=schema_gen.outputs["schema"]
    )
    gate = DataGate(
        anomalies=example_validator.outputs["anomalies"],
        statistics=statistics_gen.outputs["statistics"],
        label=tutorial.label,
        classes=json.dumps(domain(read_schema(tutorial.schema_file), tutorial.label)),
        allowed=json.dumps(dict(tutorial.allowed_anomalies)),
        code=source_fingerprint("components.data_gate"),
    )
    behind_gate: list[Any] = []
    with Cond(gate.outputs["verdict"].future()[0].custom_property("passed") == 1):
        transform_graph = None
        if tutorial.transform:
            transform = Transform(
                examples=example_gen.outputs["examples"],
                schema=schema_gen.outputs["schema"],
                preprocessing_fn=f"{tutorial.trainer}.preprocessing.preprocessing_fn",
                # Trainer and Evaluator read raw rows and apply the function themselves.
                materialize=False,
                # Statistics of transformed rows take longer than all else here and gate nothing.
                disable_statistics=True,
                custom_config={"schema": schema_file, "code": _preprocessing_source(tutorial)},
            )
            behind_gate.append(transform)
            transform_graph = transform.outputs["transform_graph"]
        trainer = Trainer(
            run_fn=f"{tutorial.trainer}.training.run_fn",
            examples=example_gen.outputs["examples"],
            transform_graph=transform_graph,
            schema=schema_gen.outputs["schema"],
            train_args=TrainArgs(splits=["train"]),
            eval_args=EvalArgs(splits=["eval"]),
            custom_config={
                "parameters": plan.parameters.model_dump(mode="json"),
                "seed": plan.seed,
                "checkpoints": str(plan.pipeline_root / "checkpoints"),
                "source": dict(tutorial.source.options),
                "code": source_fingerprint(tutorial.trainer, "trainer_modules.shared"),
            },
        )
        baseline = Resolver(
            strategy_class=LatestOtherBlessedModelStrategy,
            candidate=trainer.outputs["model"],
            model=Channel(type=Model),
            model_blessing=Channel(type=ModelBlessing),
        ).with_id("Baseline")
        evaluator = Evaluator(
            examples=example_gen.outputs["examples"],
            example_splits=["test"],
            model=trainer.outputs["model"],
            baseline_model=baseline.outputs["model"],
            eval_config=eval_config(tutorial),
        )
        pusher = AtomicPusher(
            model=trainer.outputs["model"],
            model_blessing=evaluator.outputs["blessing"],
            push_destination=PushDestination(
                filesystem=PushDestination.Filesystem(base_directory=str(plan.serving_folder))
            ),
        )
        behind_gate += [trainer, baseline, evaluator, pusher]

    report = Report(
        statistics=statistics_gen.outputs["statistics"],
        schema=schema_gen.outputs["schema"],
        verdict=gate.outputs["verdict"],
        model_run=trainer.outputs["model_run"],
        evaluation=evaluator.outputs["evaluation"],
        blessing=evaluator.outputs["blessing"],
        pushed_model=pusher.outputs["pushed_model"],
        declaration=json.dumps(plan.declaration),
        run_id=RuntimeParameter(constants.PIPELINE_RUN_ID_PARAMETER_NAME, str),
        metadata=json_format.MessageToJson(connection_config(plan.root)),
        code=source_fingerprint("components.report"),
    )
    return Pipeline(
        pipeline_name=tutorial.name,
        pipeline_root=str(plan.pipeline_root),
        components=[
            example_gen,
            statistics_gen,
            schema_gen,
            example_validator,
            gate,
            *behind_gate,
            report,
        ],
        enable_cache=plan.cache,
        metadata_connection_config=connection_config(plan.root),
        beam_pipeline_args=beam.with_defaults(plan.beam_args),
    )


def example_gen_of(plan: Plan) -> Any:
    """Builds the ExampleGen alone."""
    source = plan.tutorial.source
    module, _, name = source.example_gen.rpartition(".")
    component = getattr(import_module(module), name)
    return component(
        input_base=str(plan.data.folder),
        patterns=plan.data.patterns,
        hash_buckets=source.hash_buckets,
        tail=source.tail,
        options={
            **component.options(
                read_schema(plan.tutorial.schema_file), plan.tutorial.label, source.options
            ),
            "code": source_fingerprint("components.example_gen", module.rpartition(".")[0]),
        },
    )


def _schema_snapshot(plan: Plan) -> Path:
    """Copies the schema to a name that says its content.

    ImportSchemaGen's place in TFX's cache is decided by the path alone: an edited schema would go
    unnoticed. It also puts the schema where the nodes of a cluster can read it.
    """
    tutorial = plan.tutorial
    content = tutorial.schema_file.read_bytes()
    name = f"{tutorial.name}-{hashlib.sha256(content).hexdigest()[:16]}.pbtxt"
    snapshot = plan.root / "schemas" / name
    snapshot.parent.mkdir(parents=True, exist_ok=True)
    snapshot.write_bytes(content)
    return snapshot


def _preprocessing_source(tutorial: Tutorial) -> str:
    """Fingerprints what Transform runs, so that an edit of the model leaves it cached."""
    return source_fingerprint(
        f"{tutorial.trainer}.preprocessing",
        f"{tutorial.trainer}.features",
        "trainer_modules.shared.preprocessing",
        "schemas.reader",
    )
