"""Wires the components of every pipeline, in reading order."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from components import beam
from pipelines.evaluation import eval_config
from pipelines.fingerprint import source_fingerprint
from pipelines.plan import SPANS_PARAMETER, Plan
from pipelines.schema_snapshot import schema_snapshot
from pipelines.spec import PipelineSpec
from schemas.reader import read_schema


def build_pipeline(plan: Plan) -> Any:
    """Builds the `tfx.dsl.Pipeline` of a plan. Writes no file and contains no credentials.

    The data gate and the Evaluator do not fail: they return a verdict. The nodes between the gate
    and the Report are conditional on the verdict, so every TFX orchestrator skips them on bad data.
    The Pusher waits for the Evaluator's blessing. The Report always runs.
    """
    # Not from `tfx.v1`, which also imports Google's AI Platform: 4 s that no node here needs.
    from tfx.components import ExampleValidator, Trainer, Transform
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
    from components.evaluator.component import Evaluator
    from components.report.component import Report
    from components.statistics_gen.component import StatisticsGen

    spec = plan.spec
    schema_file = str(schema_snapshot(spec, plan.root))

    # Reads the files and divides the rows into train, eval, and test.
    example_gen = build_example_gen(plan)
    # Computes the statistics of every feature in every split.
    statistics_gen = StatisticsGen(
        examples=example_gen.outputs["examples"],
        code=source_fingerprint("components.statistics_gen"),
    )
    # Imports the curated schema: what the data must look like.
    schema_gen = ImportSchemaGen(schema_file=schema_file)
    # Compares the statistics with the schema.
    example_validator = ExampleValidator(
        statistics=statistics_gen.outputs["statistics"], schema=schema_gen.outputs["schema"]
    )
    # Decides whether the data may be trained on.
    gate = DataGate(
        anomalies=example_validator.outputs["anomalies"],
        statistics=statistics_gen.outputs["statistics"],
        label=spec.label or "",
        label_check=spec.task.label_check or "",
        classes=json.dumps(plan.classes),
        allowed=json.dumps(dict(spec.allowed_anomalies)),
        code=source_fingerprint("components.data_gate"),
    )
    with Cond(gate.outputs["verdict"].future()[0].custom_property("passed") == 1):
        # Analyzes the train split and builds the graph that turns raw features into model inputs.
        transform = Transform(
            examples=example_gen.outputs["examples"],
            schema=schema_gen.outputs["schema"],
            preprocessing_fn=f"{spec.trainer}.preprocessing.preprocessing_fn",
            # The Trainer and the exported model apply the graph to raw rows themselves.
            materialize=False,
            # Statistics of transformed rows take longer than the rest, and no node reads them.
            disable_statistics=True,
            custom_config={
                "schema": schema_file,
                "parameters": plan.parameters.model_dump(
                    mode="json", include=set(plan.parameters.in_preprocessing)
                ),
                "code": _preprocessing_source(spec),
            },
        )
        # Trains on train, stops early on eval, and exports a SavedModel.
        trainer = Trainer(
            run_fn=f"{spec.trainer}.training.run_fn",
            examples=example_gen.outputs["examples"],
            transform_graph=transform.outputs["transform_graph"],
            schema=schema_gen.outputs["schema"],
            train_args=TrainArgs(splits=["train"]),
            eval_args=EvalArgs(splits=["eval"]),
            custom_config={
                "parameters": plan.parameters.model_dump(mode="json"),
                "seed": plan.seed,
                "checkpoints": str(plan.pipeline_root / "checkpoints"),
                "source": dict(spec.source.options),
                "code": source_fingerprint(spec.trainer, "trainer_modules.shared"),
            },
        )
        # Finds the latest blessed model, to compare the new one with.
        baseline = Resolver(
            strategy_class=LatestOtherBlessedModelStrategy,
            candidate=trainer.outputs["model"],
            model=Channel(type=Model),
            model_blessing=Channel(type=ModelBlessing),
        ).with_id("Baseline")
        # Measures both models on test, by slice, and blesses the new one if it is good enough.
        evaluator = Evaluator(
            examples=example_gen.outputs["examples"],
            example_splits=["test"],
            model=trainer.outputs["model"],
            baseline_model=baseline.outputs["model"],
            eval_config=eval_config(spec),
        )
        # Copies a blessed model to where model servers look for versions.
        pusher = AtomicPusher(
            model=trainer.outputs["model"],
            model_blessing=evaluator.outputs["blessing"],
            push_destination=PushDestination(
                filesystem=PushDestination.Filesystem(base_directory=str(plan.serving_folder))
            ),
        )
    # Writes the results of the run as a page and as JSON.
    report = Report(
        examples=example_gen.outputs["examples"],
        statistics=statistics_gen.outputs["statistics"],
        schema=schema_gen.outputs["schema"],
        verdict=gate.outputs["verdict"],
        model_run=trainer.outputs["model_run"],
        evaluation=evaluator.outputs["evaluation"],
        blessing=evaluator.outputs["blessing"],
        pushed_model=pusher.outputs["pushed_model"],
        declaration=json.dumps(plan.declaration),
        run_id=RuntimeParameter(constants.PIPELINE_RUN_ID_PARAMETER_NAME, str),
        code=source_fingerprint("components.report"),
    )
    return Pipeline(
        pipeline_name=spec.name,
        pipeline_root=str(plan.pipeline_root),
        components=[
            example_gen,
            statistics_gen,
            schema_gen,
            example_validator,
            gate,
            transform,
            trainer,
            baseline,
            evaluator,
            pusher,
            report,
        ],
        enable_cache=plan.cache,
        beam_pipeline_args=beam.with_defaults(plan.beam_args),
    )


def build_example_gen(plan: Plan) -> Any:
    """Builds the ExampleGen alone."""
    from tfx.orchestration.data_types import RuntimeParameter

    source = plan.spec.source
    module, _, name = source.example_gen.rpartition(".")
    component = getattr(import_module(module), name)
    return component(
        input_base=str(plan.data.location),
        patterns=plan.data.patterns,
        hash_buckets=source.hash_buckets,
        tail=source.tail,
        spans=RuntimeParameter(SPANS_PARAMETER, str) if plan.data.has_spans else None,
        options={
            **component.options(
                read_schema(plan.spec.schema_file), plan.spec.label, source.options
            ),
            "code": source_fingerprint("components.example_gen", module.rpartition(".")[0]),
        },
    )


def _preprocessing_source(spec: PipelineSpec) -> str:
    """Fingerprints only the code that Transform runs, so that it ignores changes of the model."""
    return source_fingerprint(
        f"{spec.trainer}.preprocessing",
        f"{spec.trainer}.features",
        "trainer_modules.shared.preprocessing",
        "schemas.reader",
    )
