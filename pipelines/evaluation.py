"""TFMA's configuration, from a tutorial's declaration."""

from __future__ import annotations

import json
from typing import Any

from components.metrics import BINARY, CONFUSION, ERRORS, MULTICLASS, SCORES
from pipelines.fingerprint import source_fingerprint
from pipelines.tutorial import Metrics, Tutorial
from schemas.reader import read_schema

METRICS: dict[str, Metrics] = {
    "binary": Metrics("components.metrics.binary", "BinaryMetric", BINARY),
    "multiclass": Metrics("components.metrics.multiclass", "MulticlassMetric", MULTICLASS),
}
"""Task -> its metrics."""

PLOTS: dict[str, tuple[Metrics, ...]] = {
    "binary": (Metrics("components.metrics.binary", "ScorePlot", (SCORES,)),),
    "multiclass": (Metrics("components.metrics.multiclass", "ConfusionPlot", (CONFUSION,)),),
}
"""Task -> what is recorded besides numbers."""


def eval_config(tutorial: Tutorial) -> Any:
    """Builds the `tfma.EvalConfig`: models, metrics with thresholds, slices.

    Raises:
        ValueError: A threshold names no metric of the tutorial.
    """
    # TFMA's own namespace lacks some of these, which ones depending on the order of imports.
    from tensorflow_model_analysis.proto import config_pb2 as tfma

    code = source_fingerprint("components.metrics")

    def configs(metrics: Metrics, **options: Any) -> dict[str, Any]:
        return {
            name: tfma.MetricConfig(
                module=metrics.module,
                class_name=metrics.class_name,
                config=json.dumps({"name": name, "code": code, **options}),
            )
            for name in metrics.names
        }

    metrics: dict[str, Any] = {}
    for group in (METRICS[tutorial.task], *tutorial.extra_metrics):
        metrics |= configs(group)
    others: dict[str, Any] = {}
    for group in PLOTS[tutorial.task]:
        others |= configs(group)
    if tutorial.errors:
        collector = Metrics("components.metrics.errors", "MostConfidentErrors", (ERRORS,))
        others |= configs(collector, features=tutorial.errors)
    for threshold in tutorial.thresholds:
        if threshold.metric not in metrics:
            raise ValueError(f"{tutorial.name}: '{threshold.metric}' is not one of {[*metrics]}")
        # For the whole split only: a plain threshold would hold for each slice, however small.
        limits = metrics[threshold.metric].per_slice_thresholds.add(
            slicing_specs=[tfma.SlicingSpec()]
        )
        limits.threshold.value_threshold.lower_bound.value = threshold.minimum
        change = limits.threshold.change_threshold
        change.absolute.value = -threshold.largest_drop
        change.direction = tfma.MetricDirection.HIGHER_IS_BETTER
    model = {
        "signature_name": "serving_default",
        "label_key": tutorial.label,
        # Of both models: TFMA loses what only one of two derives.
        "preprocessing_function_names": ["slices"] if _derived(tutorial) else [],
    }
    return tfma.EvalConfig(
        model_specs=[
            tfma.ModelSpec(name="candidate", **model),
            tfma.ModelSpec(name="baseline", is_baseline=True, **model),
        ],
        metrics_specs=[tfma.MetricsSpec(metrics=[*metrics.values(), *others.values()])],
        slicing_specs=[
            tfma.SlicingSpec(),
            *(tfma.SlicingSpec(feature_keys=list(keys)) for keys in tutorial.slices),
        ],
    )


def _derived(tutorial: Tutorial) -> set[str]:
    """Returns the features to slice by that rows do not have but the model derives."""
    raw = {feature.name for feature in read_schema(tutorial.schema_file).feature}
    return {name for keys in tutorial.slices for name in keys} - raw
