"""Prediction of a number."""

from __future__ import annotations

from tensorflow_metadata.proto.v0 import schema_pb2

from components import metrics
from pipelines.tasks.task import Task


def _no_classes(schema: schema_pb2.Schema, label: str) -> tuple[str, ...]:
    del schema, label
    return ()


REGRESSION = Task(
    name="regression",
    metrics=metrics.REGRESSION,
    plots=(metrics.PREDICTION_SAMPLE,),
    worst_rows=metrics.LARGEST_ERRORS,
    sections=(
        "verdict",
        "metrics",
        "residuals",
        "label_quantiles",
        "slices",
        "training",
        "insights",
        "largest_errors",
        "data",
        "lineage",
    ),
    outputs={"predictions": "float32 [n]"},
    classes=_no_classes,
    label_check="components.data_gate.label_range.constant_label",
    stock_metrics={
        "rmse": ("RootMeanSquaredError", {}),
        "mae": ("MeanAbsoluteError", {}),
        "mape": ("MeanAbsolutePercentageError", {}),
    },
)
