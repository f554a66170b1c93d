"""TFMA's configuration, from a tutorial's declaration."""

from __future__ import annotations

import json
from typing import Any

from pipelines.tutorial import Tutorial

METRICS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "binary": {
        "accuracy": ("BinaryAccuracy", {}),
        "auc": ("AUC", {}),
        "auc_pr": ("AUCPrecisionRecall", {}),
        "precision": ("Precision", {}),
        "recall": ("Recall", {}),
        "loss": ("BinaryCrossEntropy", {}),
        "calibration": ("Calibration", {}),
    },
}
"""Task -> our metric name -> TFMA's class and its arguments."""


def eval_config(tutorial: Tutorial) -> Any:
    """Builds the `tfma.EvalConfig`: models, metrics with thresholds, slices.

    Raises:
        KeyError: A threshold names no metric of the tutorial's task.
    """
    # TFMA's own namespace lacks some of these, which ones depending on the order of imports.
    from tensorflow_model_analysis.proto import config_pb2 as tfma

    thresholds = {threshold.metric: threshold for threshold in tutorial.thresholds}
    unknown = thresholds.keys() - METRICS[tutorial.task].keys()
    if unknown:
        raise KeyError(f"{tutorial.name}: no metric {', '.join(unknown)} for {tutorial.task}")
    metrics = []
    for name, (class_name, arguments) in METRICS[tutorial.task].items():
        metric = tfma.MetricConfig(
            class_name=class_name, config=json.dumps({"name": name, **arguments})
        )
        if threshold := thresholds.get(name):
            # For the whole split only: a plain threshold would hold for each slice, however small.
            limits = metric.per_slice_thresholds.add(slicing_specs=[tfma.SlicingSpec()]).threshold
            limits.value_threshold.lower_bound.value = threshold.minimum
            limits.change_threshold.absolute.value = -threshold.largest_drop
            limits.change_threshold.direction = tfma.MetricDirection.HIGHER_IS_BETTER
        metrics.append(metric)
    return tfma.EvalConfig(
        model_specs=[
            tfma.ModelSpec(
                name="candidate", signature_name="serving_default", label_key=tutorial.label
            ),
            tfma.ModelSpec(
                name="baseline",
                signature_name="serving_default",
                label_key=tutorial.label,
                is_baseline=True,
            ),
        ],
        metrics_specs=[
            tfma.MetricsSpec(
                metrics=metrics,
                # Without it TFMA flattens the two classes and measures something else.
                binarize=tfma.BinarizationOptions(class_ids={"values": [1]}),
            ),
            tfma.MetricsSpec(
                metrics=[
                    tfma.MetricConfig(
                        class_name="ExampleCount", config=json.dumps({"name": "example_count"})
                    )
                ]
            ),
        ],
        slicing_specs=[
            tfma.SlicingSpec(),
            *(tfma.SlicingSpec(feature_keys=list(keys)) for keys in tutorial.slices),
        ],
    )
