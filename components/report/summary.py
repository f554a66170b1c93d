"""Reads TFMA's output into plain values."""

from __future__ import annotations

import base64
import json
import math
from typing import Any, NamedTuple, TypedDict

import numpy as np

from components.metrics import SAMPLE, WORST_ROWS

CANDIDATE, BASELINE = "this model", "baseline"

Metrics = dict[str, float | None]


class Evaluation(TypedDict):
    """TFMA's results on `test`.

    `metrics` and `baseline` map the names of metrics to their values on the whole split, None where
    a metric has no meaning. `slices` maps "feature=value, …" to the metrics of that slice.
    `failures` has one sentence per missed threshold. `errors` are the rows of
    `components.metrics.worst_rows`. `confusion` has the number of rows by true, then by predicted
    class, if there are more than two.
    """

    metrics: Metrics
    baseline: Metrics
    slices: dict[str, Metrics]
    failures: list[str]
    errors: list[dict[str, Any]]
    confusion: list[list[int]]


class ScoreBucket(TypedDict):
    """The rows of a slice with scores of a model from `score` up to the next bucket.

    The whole split is the slice "".
    """

    model: str
    slice: str
    score: float
    negatives: float
    positives: float


class Predictions(NamedTuple):
    """The predictions of the models, as plots and intervals need them.

    Attributes:
        scores: The buckets of scores of a binary classifier and of its baseline, in all slices.
        samples: Slice -> labels and predictions of a regression, a random sample without its
            baseline, float64 [rows, 2]. The whole split is the slice "".
    """

    scores: list[ScoreBucket]
    samples: dict[str, np.ndarray]


class Check(TypedDict):
    """A limit for the blessing. A negative `margin` means that `value` is on its wrong side."""

    metric: str
    what: str
    better: str
    value: float
    limit: float
    margin: float


class Summary(Evaluation):
    """The results of a run.

    `reference_metrics` are the original tutorial's; empty unless `test` is the official split.
    """

    gate_passed: bool
    anomalies: list[dict[str, Any]]
    blessed: bool
    pushed_model: str | None
    reference_metrics: dict[str, float]


class FullSummary(Summary):
    """The summary for programs and terminals, with the contents of the page's first section.

    `facts` is heading -> text, such as for the data, the seed, and the code's version.
    """

    checks: list[Check]
    facts: dict[str, str]


def read_evaluation(uri: str | None) -> tuple[Evaluation, Predictions]:
    """Reads an Evaluator's output.

    Args:
        uri: The folder of a `ModelEvaluation` artifact, or None if nothing was evaluated.
    """
    if uri is None:
        nothing: Evaluation = {
            "metrics": {},
            "baseline": {},
            "slices": {},
            "failures": [],
            "errors": [],
            "confusion": [],
        }
        return nothing, Predictions([], {})
    # TFMA must come after tfx, which completes its namespace.
    import tfx.components  # noqa: F401, I001
    import tensorflow_model_analysis as tfma

    # TFMA drops the names where there is only one model.
    named = len(tfma.load_eval_result(uri).config.model_specs) > 1
    candidate = tfma.load_eval_result(uri, model_name="candidate" if named else None)
    slices, scores = _slices(candidate), _scores(candidate, CANDIDATE)
    before: dict[str, Metrics] = {}
    if named:
        baseline = tfma.load_eval_result(uri, model_name="baseline")
        before = _slices(baseline)
        scores += _scores(baseline, BASELINE)
    evaluation: Evaluation = {
        "metrics": slices.pop("", {}),
        "baseline": before.get("", {}),
        "slices": slices,
        "failures": _failures(tfma.load_validation_result(uri)),
        "errors": _errors(candidate),
        "confusion": _confusion(candidate),
    }
    return evaluation, Predictions(scores, _samples(candidate))


def _scores(result: Any, model: str) -> list[ScoreBucket]:
    """Returns the buckets of all slices."""
    found: list[ScoreBucket] = []
    for key, outputs in result.plots:
        # It is None for a slice without plots.
        for by_class in (outputs or {}).values():
            for plots in by_class.values():
                # TFMA reads plots without their names.
                for bucket in plots.get("calibrationHistogramBuckets", {}).get("buckets", []):
                    # Zeros are the default of the message and therefore omitted.
                    positives = float(bucket.get("totalWeightedLabel", 0.0))
                    found.append(
                        {
                            "model": model,
                            "slice": slice_name(key),
                            "score": round(float(bucket.get("lowerThresholdInclusive", 0.0)), 6),
                            "negatives": float(bucket["numWeightedExamples"]) - positives,
                            "positives": positives,
                        }
                    )
    return found


def _errors(result: Any) -> list[dict[str, Any]]:
    """Returns the collected rows of the whole split."""
    for value in _overall(result.slicing_metrics, WORST_ROWS):
        errors: list[dict[str, Any]] = json.loads(base64.b64decode(value["bytesValue"]))
        return errors
    return []


def _samples(result: Any) -> dict[str, np.ndarray]:
    """Returns the samples of all slices."""
    return {
        slice_name(key): np.reshape(json.loads(base64.b64decode(value["bytesValue"])), (-1, 2))
        for key, outputs in result.slicing_metrics
        for by_class in outputs.values()
        for metrics in by_class.values()
        for name, value in metrics.items()
        if name == SAMPLE
    }


def _confusion(result: Any) -> list[list[int]]:
    """Returns the confusion matrix of the whole split."""
    # TFMA reads plots without their names.
    for plot in _overall(result.plots, "multiClassConfusionMatrixAtThresholds"):
        (matrix,) = plot["matrices"]
        # Class 0 is the default of the message and therefore omitted.
        entries = [
            (e.get("actualClassId", 0), e.get("predictedClassId", 0), e["numWeightedExamples"])
            for e in matrix["entries"]
        ]
        size = 1 + max(max(actual, predicted) for actual, predicted, _ in entries)
        counts = [[0] * size for _ in range(size)]
        for actual, predicted, count in entries:
            counts[actual][predicted] = int(count)
        return counts
    return []


def _overall(by_slice: Any, name: str) -> list[Any]:
    """Returns the values of that name for the whole split; outputs are None without plots."""
    return [
        values[name]
        for key, outputs in by_slice
        if not key and outputs
        for by_class in outputs.values()
        for values in by_class.values()
        if name in values
    ]


def _failures(validation: Any) -> list[str]:
    """Returns one sentence per missed threshold: which one, and by how much."""
    return [
        _failure(failure)
        for checked in validation.metric_validations_per_slice
        for failure in checked.failures
    ]


def _failure(failure: Any) -> str:
    if math.isnan(failure.metric_value.double_value.value):
        return f"{failure.metric_key.name} is not a number."
    return _change_failure(failure) if failure.metric_key.is_diff else _value_failure(failure)


def _change_failure(failure: Any) -> str:
    change = failure.metric_value.double_value.value
    allowed = failure.metric_threshold.change_threshold.absolute.value
    return (
        f"{failure.metric_key.name} is {abs(change):.4f} {'below' if change < 0 else 'above'} "
        f"that of the latest blessed model; {abs(allowed):.4f} is allowed."
    )


def _value_failure(failure: Any) -> str:
    value = failure.metric_value.double_value.value
    limits = failure.metric_threshold.value_threshold
    if limits.HasField("lower_bound"):
        limit, side = limits.lower_bound.value, "below the minimum"
    else:
        limit, side = limits.upper_bound.value, "above the maximum"
    return (
        f"{failure.metric_key.name} is {value:.4f}, {abs(value - limit):.4f} {side} of {limit:.4f}."
    )


def _slices(result: Any) -> dict[str, Metrics]:
    slices: dict[str, Metrics] = {}
    for key, outputs in result.slicing_metrics:
        slices[slice_name(key)] = {
            # A metric without a meaning, such as the AUC of one class, is the string NaN here.
            metric: None if isinstance(value["doubleValue"], str) else value["doubleValue"]
            for by_class in outputs.values()
            for metrics in by_class.values()
            for metric, value in metrics.items()
            # The differences from the baseline are among them, with this suffix.
            if "doubleValue" in value and not metric.endswith("_diff")
        }
    return slices


def slice_name(key: Any) -> str:
    """Returns the name of a slice: "feature=value, …", "" for the whole split."""
    return ", ".join(f"{feature}={_text(value)}" for feature, value in key)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
