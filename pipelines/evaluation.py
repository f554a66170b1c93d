"""TFMA's configuration, from a tutorial's declaration."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from components.metrics import BINARY
from pipelines.fingerprint import source_fingerprint
from pipelines.tutorial import Tutorial


class Metrics(NamedTuple):
    """Module and class of TFMA metrics, and the names that the class computes."""

    module: str
    class_name: str
    names: tuple[str, ...]


METRICS: dict[str, Metrics] = {
    "binary": Metrics("components.metrics.binary", "BinaryMetric", BINARY),
}
"""Task -> its metrics."""


def eval_config(tutorial: Tutorial) -> Any:
    """Builds the `tfma.EvalConfig`: models, metrics with thresholds, slices.

    Raises:
        ValueError: A threshold names no metric of the tutorial's task.
    """
    # TFMA's own namespace lacks some of these, which ones depending on the order of imports.
    from tensorflow_model_analysis.proto import config_pb2 as tfma

    model = {"signature_name": "serving_default", "label_key": tutorial.label}
    module, class_name, names = METRICS[tutorial.task]
    code = source_fingerprint(module)
    metrics = {
        name: tfma.MetricConfig(
            module=module,
            class_name=class_name,
            config=json.dumps({"name": name, "code": code}),
        )
        for name in names
    }
    for threshold in tutorial.thresholds:
        if threshold.metric not in metrics:
            raise ValueError(f"{tutorial.name}: '{threshold.metric}' is not one of {names}")
        # For the whole split only: a plain threshold would hold for each slice, however small.
        limits = metrics[threshold.metric].per_slice_thresholds.add(
            slicing_specs=[tfma.SlicingSpec()]
        )
        limits.threshold.value_threshold.lower_bound.value = threshold.minimum
        change = limits.threshold.change_threshold
        change.absolute.value = -threshold.largest_drop
        change.direction = tfma.MetricDirection.HIGHER_IS_BETTER
    return tfma.EvalConfig(
        model_specs=[
            tfma.ModelSpec(name="candidate", **model),
            tfma.ModelSpec(name="baseline", is_baseline=True, **model),
        ],
        metrics_specs=[tfma.MetricsSpec(metrics=metrics.values())],
        slicing_specs=[
            tfma.SlicingSpec(),
            *(tfma.SlicingSpec(feature_keys=list(keys)) for keys in tutorial.slices),
        ],
    )
