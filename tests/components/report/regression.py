"""The evidence of a run of a regression."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from components.report.evidence import Evidence
from pipelines.tasks import REGRESSION

ROWS = 3_000


def regression(make: Callable[..., Evidence], *, scale: float = 1.0, **summary: Any) -> Evidence:
    """Returns the evidence of a run, with errors twice as large in the slice `near_ocean=yes`.

    Args:
        make: The fixture `evidence`.
        scale: The unit of the labels.
        summary: Changes to the summary.
    """
    random = np.random.default_rng(0)
    labels = scale * random.gamma(2, 1, ROWS)
    errors = labels * random.normal(0, 0.2, ROWS) + 0.05 * scale
    near = np.arange(ROWS) < 400
    errors[near] *= 2
    rows = np.stack([labels, labels + errors], axis=1)
    samples = {"": rows, "near_ocean=yes": rows[near], "near_ocean=no": rows[~near]}
    metrics = {name: error_metrics(*sample.T) for name, sample in samples.items()}
    worst = rows[np.abs(errors).argsort()[-10:][::-1]].tolist()
    features = {"rooms": 5.0, "median_income": 8.3252, "bedrooms": None}
    run = make(
        declaration={
            "name": "california_housing",
            "title": "House prices",
            "sections": list(REGRESSION.sections),
            "better": {metric.name: metric.better for metric in REGRESSION.metrics.metrics},
            "classes": [],
            "thresholds": [{"metric": "rmse", "limit": 0.7 * scale, "max_drop": 0.1 * scale}],
            "fairness_slices": [],
        },
        **{
            "metrics": metrics.pop(""),
            "slices": metrics,
            "baseline": {**metrics["near_ocean=no"], "mape": None},
            "reference_metrics": {},
            "errors": [
                {"label": label, "predicted": predicted, "features": features}
                for label, predicted in worst
            ],
            **summary,
        },
    )
    return replace(run, scores=[], samples=samples)


def error_metrics(labels: np.ndarray, predictions: np.ndarray) -> dict[str, float | None]:
    """Returns the metrics of a regression, computed from their definitions."""
    errors = predictions - labels
    return {
        "rmse": float(np.sqrt(np.square(errors).mean())),
        "mae": float(np.abs(errors).mean()),
        "r2": float(1 - np.square(errors).mean() / labels.var()),
        "mean_bias": float(errors.mean()),
        "mape": float(np.abs(errors / labels).mean()),
        "example_count": float(len(labels)),
    }
