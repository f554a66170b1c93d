"""Builds TFMA's configuration from a pipeline's declaration."""

from __future__ import annotations

import json
from typing import Any

from components.metrics import Metric, MetricGroup
from pipelines.fingerprint import source_fingerprint
from pipelines.spec import PipelineSpec, Threshold
from schemas.reader import read_schema


def eval_config(spec: PipelineSpec) -> Any:
    """Builds the `tfma.EvalConfig`: models, metrics with thresholds, slices.

    Raises:
        ValueError: A threshold is for an unknown metric or for one without a direction.
    """
    # Parts of TFMA's own namespace are missing, depending on the order of imports.
    from tensorflow_model_analysis.proto import config_pb2 as tfma

    code = source_fingerprint("components.metrics")

    def configs(group: MetricGroup, **options: Any) -> dict[str, Any]:
        return {
            metric.name: tfma.MetricConfig(
                module=group.module,
                class_name=group.class_name,
                config=json.dumps({"name": metric.name, "code": code, **options}),
            )
            for metric in group.metrics
        }

    metrics: dict[str, Any] = {}
    for group in (spec.task.metrics, *spec.extra_metrics, *spec.task.plots):
        metrics |= configs(group)
    if spec.error_features:
        metrics |= configs(spec.task.worst_rows, features=spec.error_features)
    for threshold in spec.thresholds:
        if threshold.metric not in spec.metrics:
            raise ValueError(
                f"A threshold of {spec.name} is for the unknown metric '{threshold.metric}'. "
                f"Choose one of {', '.join(spec.metrics)}."
            )
        # For the whole split only: a plain threshold would apply to each slice, however small.
        metrics[threshold.metric].per_slice_thresholds.add(
            slicing_specs=[tfma.SlicingSpec()],
            threshold=_limits(tfma, spec.metrics[threshold.metric], threshold),
        )
    model = {
        "signature_name": "serving_default",
        "label_key": spec.label,
        # For both models, because TFMA drops features that only one of them derives.
        "preprocessing_function_names": ["slices"] if _derived_features(spec) else [],
    }
    return tfma.EvalConfig(
        model_specs=[
            tfma.ModelSpec(name="candidate", **model),
            tfma.ModelSpec(name="baseline", is_baseline=True, **model),
        ],
        metrics_specs=[tfma.MetricsSpec(metrics=list(metrics.values()))],
        slicing_specs=[
            tfma.SlicingSpec(),
            *(tfma.SlicingSpec(feature_keys=list(keys)) for keys in spec.slices),
        ],
    )


def _limits(tfma: Any, metric: Metric, threshold: Threshold) -> Any:
    """Returns the `tfma.MetricThreshold` in the metric's direction."""
    if metric.better is None:
        raise ValueError(
            f"The metric '{metric.name}' of a threshold has no direction. Choose another metric."
        )
    higher = metric.better == "higher"
    limits = tfma.MetricThreshold()
    bound = "lower_bound" if higher else "upper_bound"
    getattr(limits.value_threshold, bound).value = threshold.limit
    limits.change_threshold.absolute.value = -threshold.max_drop if higher else threshold.max_drop
    limits.change_threshold.direction = (
        tfma.MetricDirection.HIGHER_IS_BETTER if higher else tfma.MetricDirection.LOWER_IS_BETTER
    )
    return limits


def _derived_features(spec: PipelineSpec) -> set[str]:
    """Returns the features to slice by that the model derives, since rows do not have them."""
    raw = {feature.name for feature in read_schema(spec.schema_file).feature}
    return {name for keys in spec.slices for name in keys} - raw
