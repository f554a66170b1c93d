"""The definition of a kind of task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tensorflow_metadata.proto.v0 import schema_pb2

from components.metrics import MetricGroup


@dataclass(frozen=True)
class Task:
    """A kind of task. Everything that depends on the kind is an attribute of this object.

    Attributes:
        name: The name.
        metrics: The metrics that the Evaluator computes.
        plots: The plots that the Evaluator records in addition to the metrics.
        worst_rows: The metric that collects the rows with the worst errors.
        sections: The sections of the report, names of modules in `components.report.sections`, in
            order.
        outputs: Name of an output of the served model -> its dtype and shape.
        classes: Schema and label -> the classes in the order of the scores; none for a number.
        label_check: The import path of the data gate's check of the label (see
            `components.data_gate`), or None.
        stock_metrics: Our metric -> the TFMA class for the same metric, and its options.
        stock_options: Fields of TFMA's `MetricsSpec` that those classes need.
    """

    name: str
    metrics: MetricGroup
    plots: tuple[MetricGroup, ...]
    worst_rows: MetricGroup
    sections: tuple[str, ...]
    outputs: Mapping[str, str]
    classes: Callable[[schema_pb2.Schema, str], tuple[str, ...]]
    label_check: str | None
    stock_metrics: Mapping[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    stock_options: Mapping[str, Any] = field(default_factory=dict)
