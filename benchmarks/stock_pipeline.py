"""A tutorial's pipeline of stock TFX components; `benchmarks.__main__` says what that means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.stock_data import reads_csv
from pipelines import catalog
from pipelines.evaluation import eval_config
from pipelines.metadata import connection_config
from pipelines.parameters import parse
from pipelines.runners.local import new_run_id
from pipelines.runners.node import run_node
from pipelines.tutorial import Tutorial

METRICS: dict[str, tuple[str, dict[str, Any]]] = {
    "auc": ("AUC", {}),
    "auc_pr": ("AUCPrecisionRecall", {}),
    "precision": ("Precision", {}),
    "recall": ("Recall", {}),
    "calibration": ("Calibration", {}),
    "signal_efficiency_at_rejection_90": ("SensitivityAtSpecificity", {"specificity": 0.9}),
    "signal_efficiency_at_rejection_99": ("SensitivityAtSpecificity", {"specificity": 0.99}),
    "confusion": ("MultiClassConfusionMatrixPlot", {}),
}
"""Our names of the metrics -> TFMA's classes and their options."""

BY_TASK: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "binary": {"accuracy": ("BinaryAccuracy", {}), "loss": ("BinaryCrossEntropy", {})},
    "multiclass": {
        "accuracy": ("SparseCategoricalAccuracy", {}),
        "loss": ("SparseCategoricalCrossentropy", {}),
    },
}
"""Those whose class depends on the task."""


def run(
    name: str,
    data: Path,
    root: Path,
    preprocessing: Annotated[str, typer.Argument()] = "",
    seed: int = 0,
    param: list[str] | None = None,
) -> None:
    """Runs the pipeline, node after node, through TFX's launcher, as LocalDagRunner does.

    Args:
        name: The tutorial.
        data: From `stock_data.prepare`.
        root: The folder for artifacts and metadata.
        preprocessing: Import path of the preprocessing_fn; "" leaves Transform out.
        seed: Of the training.
        param: Hyper-parameters of the training, as `tutorials run` takes them.
    """
    from tfx import v1 as tfx
    from tfx.dsl.compiler import compiler, constants
    from tfx.orchestration.portable import runtime_parameter_utils

    tutorial = catalog.load(name)
    components = tfx.components
    example_gen_type = (
        components.CsvExampleGen if reads_csv(tutorial) else components.ImportExampleGen
    )
    example_gen = example_gen_type(
        input_base=str(data),
        input_config=tfx.proto.Input(
            splits=[
                tfx.proto.Input.Split(name=split, pattern=f"{split}/*")
                for split in tutorial.source.layouts[0]
            ]
        ),
    )
    examples = example_gen.outputs["examples"]
    statistics_gen = components.StatisticsGen(examples=examples)
    schema_gen = components.ImportSchemaGen(schema_file=str(tutorial.schema_file))
    schema = schema_gen.outputs["schema"]
    example_validator = components.ExampleValidator(
        statistics=statistics_gen.outputs["statistics"], schema=schema
    )
    transformed, transform_graph = examples, None
    transforms = []
    if preprocessing:
        transform = components.Transform(
            examples=examples,
            schema=schema,
            preprocessing_fn=preprocessing,
            custom_config={"schema": str(tutorial.schema_file)},
        )
        transforms.append(transform)
        if tutorial.transform:
            transform_graph = transform.outputs["transform_graph"]
        else:
            transformed = transform.outputs["transformed_examples"]
    trainer = components.Trainer(
        run_fn=f"{tutorial.trainer}.training.run_fn",
        examples=transformed,
        transform_graph=transform_graph,
        schema=schema,
        train_args=tfx.proto.TrainArgs(splits=["train"]),
        eval_args=tfx.proto.EvalArgs(splits=["eval"]),
        custom_config={
            "parameters": parse(tutorial.parameters, param or []).model_dump(mode="json"),
            "seed": seed,
            "checkpoints": str(root / "checkpoints"),
            "source": dict(tutorial.source.options),
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
        eval_config=_eval_config(tutorial),
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
            *transforms,
            trainer,
            baseline,
            evaluator,
            pusher,
        ],
        metadata_connection_config=connection_config(root),
    )
    compiled = compiler.Compiler().compile(pipeline)
    runtime_parameter_utils.substitute_runtime_parameter(
        compiled, {constants.PIPELINE_RUN_ID_PARAMETER_NAME: new_run_id(name)}
    )
    # Not LocalDagRunner, whose loop is the same but which does not measure processor and memory.
    for node in compiled.nodes:
        run_node(compiled, node.pipeline_node.node_info.id)


def _eval_config(tutorial: Tutorial) -> Any:
    """Returns the metrics, thresholds and slices of ours, measured by TFMA's own metrics."""
    from tensorflow_model_analysis.proto import config_pb2 as tfma

    ours = eval_config(tutorial)
    metrics = tfma.MetricsSpec()
    if tutorial.task == "binary":
        # Without it TFMA flattens the two classes and measures something else.
        metrics.binarize.class_ids.values.append(1)
    known = {**METRICS, **BY_TASK[tutorial.task]}
    for wanted in ours.metrics_specs[0].metrics:
        name = json.loads(wanted.config)["name"]
        if name in known:
            class_name, options = known[name]
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
