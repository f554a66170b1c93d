"""A CSV tutorial's pipeline of stock TFX components; `stock` says what that means."""

from __future__ import annotations

import json
from collections.abc import Iterator
from csv import writer
from pathlib import Path
from typing import Any

import typer

from pipelines import catalog
from pipelines.assembly import example_gen_of
from pipelines.evaluation import eval_config
from pipelines.metadata import connection_config
from pipelines.parameters import parse
from pipelines.plan import Plan
from pipelines.tutorial import Tutorial
from trainer_modules.shared.schema import read_schema

METRICS = {
    "accuracy": ("BinaryAccuracy", {}),
    "auc": ("AUC", {}),
    "auc_pr": ("AUCPrecisionRecall", {}),
    "precision": ("Precision", {}),
    "recall": ("Recall", {}),
    "loss": ("BinaryCrossEntropy", {}),
    "calibration": ("Calibration", {}),
    "signal_efficiency_at_rejection_90": ("SensitivityAtSpecificity", {"specificity": 0.9}),
    "signal_efficiency_at_rejection_99": ("SensitivityAtSpecificity", {"specificity": 0.99}),
}
"""Our names of the metrics -> TFMA's classes and their options."""


def write_csv(plan: Plan, folder: Path) -> None:
    """Writes the rows as stock CsvExampleGen wants them, in our splits: `SPLIT/SPLIT.csv`.

    Args:
        plan: A run of ours on the data.
        folder: Where to make a folder for each split.
    """
    import tensorflow as tf
    from tfx.types import artifact_utils, standard_artifacts

    columns = [feature.name for feature in read_schema(plan.tutorial.schema_file).feature]

    def fields(record: bytes) -> Iterator[Any]:
        features = tf.train.Example.FromString(record).features.feature
        for name in columns:
            kind = features[name].WhichOneof("kind")
            (value,) = (getattr(features[name], kind).value if kind else ()) or ("",)
            yield value.decode() if isinstance(value, bytes) else value

    node = example_gen_of(plan)
    examples = standard_artifacts.Examples()
    examples.uri = str(folder / "examples")
    executor = node.EXECUTOR_SPEC.executor_class()
    executor.Do({}, {"examples": [examples]}, node.exec_properties)
    for split in plan.data.patterns:
        records = Path(artifact_utils.get_split_uri([examples], split)).iterdir()
        dataset = tf.data.TFRecordDataset(sorted(map(str, records)), "GZIP")
        path = folder / split / f"{split}.csv"
        path.parent.mkdir(parents=True)
        with path.open("w", encoding="utf-8", newline="") as opened:
            lines = writer(opened)
            lines.writerow(columns)
            lines.writerows(fields(record) for record in dataset.as_numpy_iterator())


def run(
    name: str,
    csv: Path,
    root: Path,
    preprocessing: str,
    seed: int,
    param: list[str] | None = None,
) -> None:
    """Runs the pipeline with TFX's LocalDagRunner.

    Args:
        name: The tutorial.
        csv: From `write_csv`.
        root: A new folder for artifacts and metadata.
        preprocessing: Import path of the preprocessing_fn; "" leaves Transform out.
        seed: Of the training.
        param: Hyper-parameters of the training, as `tutorials run` takes them.
    """
    from tfx import v1 as tfx

    tutorial = catalog.load(name)
    components = tfx.components
    example_gen = components.CsvExampleGen(
        input_base=str(csv),
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
        transformed = transform.outputs["transformed_examples"]
        transform_graph = transform.outputs["transform_graph"]
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
    tfx.orchestration.LocalDagRunner().run(pipeline)


def _eval_config(tutorial: Tutorial) -> Any:
    """Returns the metrics, thresholds and slices of ours, measured by TFMA's own metrics."""
    from tensorflow_model_analysis.proto import config_pb2 as tfma

    ours = eval_config(tutorial)
    metrics = tfma.MetricsSpec(
        # Without it TFMA flattens the two classes and measures something else.
        binarize=tfma.BinarizationOptions(class_ids={"values": [1]}),
    )
    for wanted in ours.metrics_specs[0].metrics:
        name = json.loads(wanted.config)["name"]
        if name in METRICS:
            class_name, options = METRICS[name]
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
