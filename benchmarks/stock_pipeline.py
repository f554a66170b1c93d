"""The census pipeline as TFX's own examples would build it.

Stock components with their defaults: CsvExampleGen, Transform with vocabularies and statistics over
all splits, Evaluator with TFMA's own metrics, Pusher. The model, its parameters, the rows of each
split, the metrics and the slices are ours.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft
from tensorflow_model_analysis.proto import config_pb2 as tfma
from tfx import v1 as tfx

from components.csv_example_gen.executor import CsvExecutor
from components.csv_example_gen.format import format_of
from components.example_gen.partition import Partition
from pipelines.metadata import connection_config
from pipelines.plan import Plan
from trainer_modules.census import features as f
from trainer_modules.shared.preprocessing import dense, domain_ids
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


def write_clean_csv(plan: Plan, folder: Path) -> None:
    """Writes what CsvExampleGen can read: a header, no comment, no `?`, no full stops, no blanks.

    The rows of train and eval are parted as ours are, so that both sides train on the same.
    """
    tutorial = plan.tutorial
    quirks = format_of(
        read_schema(tutorial.schema_file), tutorial.label, tutorial.source.options["csv"]
    )
    names = list(quirks["columns"])
    for file, splits in (("adult.data", ["train", "eval"]), ("adult.test", ["test"])):
        partition = Partition(splits, tutorial.source.hash_buckets)
        source = plan.data.folder / file
        writers = {}
        for split in splits:
            path = folder / split / "rows.csv"
            path.parent.mkdir(parents=True)
            writers[split] = csv.writer(path.open("w", newline=""))
            writers[split].writerow(names)
        records = (r for batch in CsvExecutor().read(str(source), {"csv": quirks}) for r in batch)
        rows = (row for row in csv.reader(source.open(), skipinitialspace=True) if len(row) > 1)
        for record, row in zip(records, rows, strict=True):
            for split, parted in partition.cut([record]):
                if parted:
                    clean = ["" if value == "?" else value.rstrip(".") for value in row]
                    writers[split].writerow(clean)


def preprocessing_fn(inputs: dict[str, Any], custom_config: dict[str, Any]) -> dict[str, tf.Tensor]:
    """The features of ours, made with TFT's own analyzers and mappers, one per column."""
    schema = read_schema(custom_config["schema"])
    outputs = {
        name: tft.compute_and_apply_vocabulary(dense(inputs[name], ""), vocab_filename=name) + 1
        for name in f.CATEGORICAL
    }
    outputs[f.LABEL] = domain_ids(inputs[f.LABEL], schema, f.LABEL) - 1
    for name in f.NUMERIC:
        value = tf.cast(dense(inputs[name], 0), tf.float32)
        counted = tf.boolean_mask(value, value > 0) if name in f.MOSTLY_ZERO else value
        boundaries = tft.quantiles(counted, f.QUANTILE_BINS, epsilon=0.001)
        outputs[f.position(name)] = tft.apply_buckets_with_interpolation(value, boundaries)
    age = tf.cast(inputs["age"], tf.float32)
    outputs[f.AGE_BUCKET] = tft.apply_buckets(age, tf.constant([f.AGE_BOUNDARIES], tf.float32))
    return outputs


def eval_config(plan: Plan) -> tfma.EvalConfig:
    """The metrics, slices and thresholds of ours, computed by TFMA's own classes."""
    tutorial = plan.tutorial
    minimum = {threshold.metric: threshold.minimum for threshold in tutorial.thresholds}
    metrics = []
    for name, class_name in METRICS.items():
        metric = tfma.MetricConfig(class_name=class_name, config=json.dumps({"name": name}))
        if name in minimum:
            limits = metric.per_slice_thresholds.add(slicing_specs=[tfma.SlicingSpec()])
            limits.threshold.value_threshold.lower_bound.value = minimum[name]
        metrics.append(metric)
    return tfma.EvalConfig(
        model_specs=[tfma.ModelSpec(signature_name="serving_default", label_key=tutorial.label)],
        metrics_specs=[
            tfma.MetricsSpec(
                metrics=metrics, binarize=tfma.BinarizationOptions(class_ids={"values": [1]})
            ),
            tfma.MetricsSpec(metrics=[tfma.MetricConfig(class_name="ExampleCount")]),
        ],
        slicing_specs=[
            tfma.SlicingSpec(),
            *(tfma.SlicingSpec(feature_keys=list(keys)) for keys in tutorial.slices),
        ],
    )


def build_pipeline(plan: Plan, csv_folder: Path, *, same_preprocessing: bool) -> Any:
    """Wires the stock components.

    Args:
        plan: What ours would run.
        csv_folder: From `write_clean_csv`.
        same_preprocessing: Use our preprocessing_fn, so that only the components differ.
    """
    tutorial = plan.tutorial
    schema_file = str(tutorial.schema_file)
    example_gen = tfx.components.CsvExampleGen(
        input_base=str(csv_folder),
        input_config=tfx.proto.Input(
            splits=[
                tfx.proto.Input.Split(name=split, pattern=f"{split}/*.csv")
                for split in ("train", "eval", "test")
            ]
        ),
    )
    statistics_gen = tfx.components.StatisticsGen(examples=example_gen.outputs["examples"])
    schema_gen = tfx.components.ImportSchemaGen(schema_file=schema_file)
    example_validator = tfx.components.ExampleValidator(
        statistics=statistics_gen.outputs["statistics"], schema=schema_gen.outputs["schema"]
    )
    module = f"{tutorial.trainer}.preprocessing" if same_preprocessing else __name__
    transform = tfx.components.Transform(
        examples=example_gen.outputs["examples"],
        schema=schema_gen.outputs["schema"],
        preprocessing_fn=f"{module}.preprocessing_fn",
        custom_config={"schema": schema_file},
    )
    trainer = tfx.components.Trainer(
        run_fn=f"{tutorial.trainer}.training.run_fn",
        examples=transform.outputs["transformed_examples"],
        transform_graph=transform.outputs["transform_graph"],
        schema=schema_gen.outputs["schema"],
        train_args=tfx.proto.TrainArgs(splits=["train"]),
        eval_args=tfx.proto.EvalArgs(splits=["eval"]),
        custom_config={
            "parameters": plan.parameters.model_dump(mode="json"),
            "seed": plan.seed,
            "checkpoints": str(plan.root / "checkpoints"),
            "source": dict(tutorial.source.options),
        },
    )
    evaluator = tfx.components.Evaluator(
        examples=example_gen.outputs["examples"],
        example_splits=["test"],
        model=trainer.outputs["model"],
        eval_config=eval_config(plan),
    )
    pusher = tfx.components.Pusher(
        model=trainer.outputs["model"],
        model_blessing=evaluator.outputs["blessing"],
        push_destination=tfx.proto.PushDestination(
            filesystem=tfx.proto.PushDestination.Filesystem(base_directory=str(plan.serving_folder))
        ),
    )
    return tfx.dsl.Pipeline(
        pipeline_name="stock-census",
        pipeline_root=str(plan.pipeline_root),
        components=[
            example_gen,
            statistics_gen,
            schema_gen,
            example_validator,
            transform,
            trainer,
            evaluator,
            pusher,
        ],
        enable_cache=False,
        metadata_connection_config=connection_config(plan.root),
    )
