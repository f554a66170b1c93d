"""The census pipeline of stock TFX components; `stock_census` says what that means."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from csv import writer
from pathlib import Path
from typing import Any

import typer

from components.csv_example_gen.component import CsvExampleGen
from components.csv_example_gen.executor import CsvExecutor
from components.example_gen.partition import Partition
from pipelines.census import TUTORIAL
from pipelines.datasets.local import DataSet
from pipelines.metadata import connection_config
from pipelines.parameters import parse
from trainer_modules.shared.schema import read_schema

METRICS = {
    "accuracy": "BinaryAccuracy",
    "auc": "AUC",
    "auc_pr": "AUCPrecisionRecall",
    "precision": "Precision",
    "recall": "Recall",
    "loss": "BinaryCrossEntropy",
    "calibration": "Calibration",
}
"""Our names of the metrics -> TFMA's classes."""


def write_csv(data: DataSet, folder: Path) -> None:
    """Writes the rows as stock CsvExampleGen wants them, in our splits: `SPLIT/SPLIT.csv`.

    Args:
        data: The census data in its official layout.
        folder: Where to make a folder for each split.
    """
    import tensorflow as tf

    source = TUTORIAL.source
    schema = read_schema(TUTORIAL.schema_file)
    columns = [feature.name for feature in schema.feature]
    options = CsvExampleGen.options(schema, TUTORIAL.label, source.options)

    def fields(record: bytes) -> Iterator[Any]:
        features = tf.train.Example.FromString(record).features.feature
        for name in columns:
            kind = features[name].WhichOneof("kind")
            (value,) = (getattr(features[name], kind).value if kind else ()) or ("",)
            yield value.decode() if isinstance(value, bytes) else value

    for pattern in sorted(set(data.patterns.values())):
        splits = [split for split, its in data.patterns.items() if its == pattern]
        partition = Partition(splits, source.hash_buckets)
        with ExitStack() as stack:
            writers = {}
            for split in splits:
                path = folder / split / f"{split}.csv"
                path.parent.mkdir(parents=True)
                opened = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
                writers[split] = writer(opened)
                writers[split].writerow(columns)
            files = sorted(map(str, data.folder.glob(pattern)))
            for batch in CsvExecutor().read(files, options):
                for split, records in partition.cut(batch):
                    writers[split].writerows(map(fields, records))


def run(
    csv: Path, root: Path, preprocessing: str, seed: int, param: list[str] | None = None
) -> None:
    """Runs the pipeline with TFX's LocalDagRunner.

    Args:
        csv: From `write_csv`.
        root: A new folder for artifacts and metadata.
        preprocessing: Import path of the preprocessing_fn.
        seed: Of the training.
        param: Hyper-parameters of the training, as `tutorials run` takes them.
    """
    from tfx import v1 as tfx

    components = tfx.components
    example_gen = components.CsvExampleGen(
        input_base=str(csv),
        input_config=tfx.proto.Input(
            splits=[
                tfx.proto.Input.Split(name=split, pattern=f"{split}/*")
                for split in TUTORIAL.source.layouts[0]
            ]
        ),
    )
    examples = example_gen.outputs["examples"]
    statistics_gen = components.StatisticsGen(examples=examples)
    schema_gen = components.ImportSchemaGen(schema_file=str(TUTORIAL.schema_file))
    schema = schema_gen.outputs["schema"]
    example_validator = components.ExampleValidator(
        statistics=statistics_gen.outputs["statistics"], schema=schema
    )
    transform = components.Transform(
        examples=examples,
        schema=schema,
        preprocessing_fn=preprocessing,
        custom_config={"schema": str(TUTORIAL.schema_file)},
    )
    trainer = components.Trainer(
        run_fn=f"{TUTORIAL.trainer}.training.run_fn",
        examples=transform.outputs["transformed_examples"],
        transform_graph=transform.outputs["transform_graph"],
        schema=schema,
        train_args=tfx.proto.TrainArgs(splits=["train"]),
        eval_args=tfx.proto.EvalArgs(splits=["eval"]),
        custom_config={
            "parameters": parse(TUTORIAL.parameters, param or []).model_dump(mode="json"),
            "seed": seed,
            "checkpoints": str(root / "checkpoints"),
            "source": dict(TUTORIAL.source.options),
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
        eval_config=_eval_config(),
    )
    pusher = components.Pusher(
        model=trainer.outputs["model"],
        model_blessing=evaluator.outputs["blessing"],
        push_destination=tfx.proto.PushDestination(
            filesystem=tfx.proto.PushDestination.Filesystem(base_directory=str(root / "serving"))
        ),
    )
    pipeline = tfx.dsl.Pipeline(
        pipeline_name="stock_census",
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
        metadata_connection_config=connection_config(root),
    )
    tfx.orchestration.LocalDagRunner().run(pipeline)


def _eval_config() -> Any:
    """Returns the metrics, thresholds and slices of ours, measured by TFMA's own metrics."""
    from tensorflow_model_analysis.proto import config_pb2 as tfma

    model = {"signature_name": "serving_default", "label_key": TUTORIAL.label}
    metrics = tfma.MetricsSpec(
        # Without it TFMA flattens the two classes and measures something else.
        binarize=tfma.BinarizationOptions(class_ids={"values": [1]}),
    )
    thresholds = {threshold.metric: threshold for threshold in TUTORIAL.thresholds}
    for name, class_name in METRICS.items():
        metric = metrics.metrics.add(class_name=class_name, config=json.dumps({"name": name}))
        if threshold := thresholds.get(name):
            limits = metric.per_slice_thresholds.add(slicing_specs=[tfma.SlicingSpec()]).threshold
            limits.value_threshold.lower_bound.value = threshold.minimum
            limits.change_threshold.absolute.value = -threshold.largest_drop
            limits.change_threshold.direction = tfma.MetricDirection.HIGHER_IS_BETTER
    count = tfma.MetricConfig(
        class_name="ExampleCount", config=json.dumps({"name": "example_count"})
    )
    return tfma.EvalConfig(
        model_specs=[
            tfma.ModelSpec(name="candidate", **model),
            tfma.ModelSpec(name="baseline", is_baseline=True, **model),
        ],
        metrics_specs=[metrics, tfma.MetricsSpec(metrics=[count])],
        slicing_specs=[
            tfma.SlicingSpec(),
            *(tfma.SlicingSpec(feature_keys=list(keys)) for keys in TUTORIAL.slices),
        ],
    )


if __name__ == "__main__":
    typer.run(run)
