"""Reads TFMA's output into plain values."""

from __future__ import annotations

from typing import Any, TypedDict


class Evaluation(TypedDict):
    """What TFMA measured on `test`.

    `metrics` and `baseline` are metric name -> value of the whole split; `slices` is
    "feature=value, …" -> the same of that slice; `failures` has one sentence per missed threshold.
    """

    metrics: dict[str, float]
    baseline: dict[str, float]
    slices: dict[str, dict[str, float]]
    failures: list[str]


class Summary(Evaluation):
    """All that the report says about a run."""

    gate_passed: bool
    anomalies: list[dict[str, Any]]
    blessed: bool
    pushed_model: str | None


def read_evaluation(uri: str | None) -> Evaluation:
    """Reads an Evaluator's output.

    Args:
        uri: Folder of a `ModelEvaluation` artifact, or None if nothing was evaluated.
    """
    if uri is None:
        return {"metrics": {}, "baseline": {}, "slices": {}, "failures": []}
    # TFMA must come after tfx, which mends its namespace.
    import tfx.components  # noqa: F401
    import tensorflow_model_analysis as tfma  # isort: skip

    candidate = _slices(tfma.load_eval_result(uri, model_name="candidate"))
    baseline: dict[str, dict[str, float]] = {}
    return {
        "metrics": candidate.pop("", {}),
        "baseline": baseline.get("", {}),
        "slices": candidate,
        "failures": [],
    }


def _slices(result: Any) -> dict[str, dict[str, float]]:
    slices: dict[str, dict[str, float]] = {}
    for key, outputs in result.slicing_metrics:
        name = ", ".join(f"{feature}={value}" for feature, value in key)
        slices[name] = {
            metric: value["doubleValue"]
            for by_class in outputs.values()
            for metrics in by_class.values()
            for metric, value in metrics.items()
            if "doubleValue" in value
        }
    return slices
