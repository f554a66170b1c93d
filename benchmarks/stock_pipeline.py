"""A tutorial's pipeline of stock TFX components, as `benchmarks.__main__` defines them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from benchmarks.stock_data import reads_csv
from pipelines import registry
from pipelines.compiler import for_run
from pipelines.evaluation import eval_config
from pipelines.orchestrators.execution import new_run_id, open_metadata
from pipelines.orchestrators.node import run_node
from pipelines.parameters import parse
from pipelines.root import Root
from pipelines.spec import PipelineSpec


def run(
    name: str,
    data: Path,
    root: Path,
    preprocessing: str,
    seed: int = 0,
    param: list[str] | None = None,
) -> None:
    """Runs the pipeline node by node with TFX's launcher, as LocalDagRunner does.

    Args:
        name: The tutorial.
        data: The folder that `stock_data.prepare` wrote.
        root: The folder for artifacts and metadata.
        preprocessing: The import path of the preprocessing_fn.
        seed: The random seed for training.
        param: The hyper-parameters, as `tutorials run` takes them.
    """
    from tfx import v1 as tfx
    from tfx.dsl.compiler import compiler

    spec = registry.load(name)
    components = tfx.components
    example_gen_type = components.CsvExampleGen if reads_csv(spec) else components.ImportExampleGen
    example_gen = example_gen_type(
        input_base=str(data),
        input_config=tfx.proto.Input(
            splits=[
                tfx.proto.Input.Split(name=split, pattern=f"{split}/*")
                for split in spec.source.layouts[0]
            ]
        ),
    )
    examples = example_gen.outputs["examples"]
    statistics_gen = components.StatisticsGen(examples=examples)
    schema_gen = components.ImportSchemaGen(schema_file=str(spec.schema_file))
    schema = schema_gen.outputs["schema"]
    example_validator = components.ExampleValidator(
        statistics=statistics_gen.outputs["statistics"], schema=schema
    )
    parameters = parse(spec.parameters, param or [])
    transform = components.Transform(
        examples=examples,
        schema=schema,
        preprocessing_fn=preprocessing,
        custom_config={
            "schema": str(spec.schema_file),
            "parameters": parameters.model_dump(
                mode="json", include=set(parameters.in_preprocessing)
            ),
        },
    )
    trainer = components.Trainer(
        run_fn=f"{spec.trainer}.training.run_fn",
        examples=examples,
        transform_graph=transform.outputs["transform_graph"],
        schema=schema,
        train_args=tfx.proto.TrainArgs(splits=["train"]),
        eval_args=tfx.proto.EvalArgs(splits=["eval"]),
        custom_config={
            "parameters": parameters.model_dump(mode="json"),
            "seed": seed,
            "checkpoints": str(root / "checkpoints"),
            "source": dict(spec.source.options),
        },
    )
    baseline = tfx.dsl.Resolver(
        strategy_class=tfx.dsl.experimental.LatestBlessedModelStrategy,
        model=tfx.dsl.Channel(type=tfx.types.standard_artifacts.Model),
        model_blessing=tfx.dsl.Channel(type=tfx.types.standard_artifacts.ModelBlessing),
    ).with_id("Baseline")
    evaluator = components.Evaluator(
        examples=examples,
        example_splits=["test"],
        model=trainer.outputs["model"],
        baseline_model=baseline.outputs["model"],
        eval_config=_eval_config(spec),
    )
    pusher = components.Pusher(
        model=trainer.outputs["model"],
        model_blessing=evaluator.outputs["blessing"],
        push_destination=tfx.proto.PushDestination(
            filesystem=tfx.proto.PushDestination.Filesystem(base_directory=str(root / "serving"))
        ),
    )
    pipeline = tfx.dsl.Pipeline(
        pipeline_name=f"stock_{name}",
        pipeline_root=str(root / "pipelines"),
        components=[
            example_gen,
            statistics_gen,
            schema_gen,
            example_validator,
            transform,
            trainer,
            baseline,
            evaluator,
            pusher,
        ],
    )
    compiled = for_run(compiler.Compiler().compile(pipeline), new_run_id(name), {})
    store = open_metadata(Root.at(root))
    # LocalDagRunner has the same loop but does not measure processor time and memory.
    for node in compiled.nodes:
        run_node(compiled, node.pipeline_node.node_info.id, store)


def _eval_config(spec: PipelineSpec) -> Any:
    """Returns the same metrics, thresholds, and slices as ours, with TFMA's own metrics."""
    from google.protobuf import json_format
    from tensorflow_model_analysis.proto import config_pb2 as tfma

    ours = eval_config(spec)
    metrics = json_format.ParseDict(spec.task.stock_options, tfma.MetricsSpec())
    for wanted in ours.metrics_specs[0].metrics:
        name = json.loads(wanted.config)["name"]
        if name in spec.task.stock_metrics:
            class_name, options = spec.task.stock_metrics[name]
            metrics.metrics.add(
                class_name=class_name,
                config=json.dumps({"name": name, **options}),
                per_slice_thresholds=wanted.per_slice_thresholds,
            )
    count = tfma.MetricConfig(
        class_name="ExampleCount", config=json.dumps({"name": "example_count"})
    )
    return tfma.EvalConfig(
        model_specs=ours.model_specs,
        metrics_specs=[metrics, tfma.MetricsSpec(metrics=[count])],
        slicing_specs=ours.slicing_specs,
    )


if __name__ == "__main__":
    typer.run(run)
