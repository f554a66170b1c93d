"""The features that boosted trees rely on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import xgboost as xgb
from sklearn.metrics import mean_squared_error, roc_auc_score

from trainer_modules.shared.insights import Insight


class _Quality(NamedTuple):
    """A way to measure the quality of trees.

    Attributes:
        metric: The name of the metric.
        worse: What the metric does when the model gets worse: "falls" or "rises".
        sign: The factor that makes a change for the worse positive.
        measure: Computes the metric from labels and predictions.
    """

    metric: str
    worse: str
    sign: int
    measure: Callable[[np.ndarray, np.ndarray], float]


_QUALITIES = {
    "binary:logistic": _Quality("AUC", "falls", -1, roc_auc_score),
    "reg:squarederror": _Quality("RMSE", "rises", 1, lambda *of: mean_squared_error(*of) ** 0.5),
}


def gain(booster: xgb.Booster) -> Insight:
    """Returns the total gain of the splits at each feature, as a share of all gains.

    Args:
        booster: The trees, with the names of the features.
    """
    found: dict[str, Any] = booster.get_score(importance_type="total_gain")
    gains = {name: found.get(name, 0.0) for name in booster.feature_names or ()}
    whole = sum(gains.values()) or 1.0
    return Insight(
        "Importance by gain",
        "Each feature's share of the total reduction of the training loss, over all splits of all "
        "trees. Every use counts, even where another feature could have replaced it.",
        _descending({name: value / whole for name, value in gains.items()}),
    )


def permutation(
    booster: xgb.Booster, table: np.ndarray, labels: np.ndarray, *, repeats: int = 3, seed: int = 0
) -> Insight:
    """Measures how much worse the model gets when a feature's values are shuffled among the rows.

    Args:
        booster: Trees for labels of 0 and 1, or for numeric labels.
        table: The rows, float32 [rows, features]. The trees were not grown on them.
        labels: The labels, [rows]: 0 and 1, both present, or numbers.
        repeats: The number of permutations to average over.
        seed: The random seed of the permutations.
    """
    objective = json.loads(booster.save_config())["learner"]["objective"]["name"]
    quality = _QUALITIES[objective]
    random = np.random.default_rng(seed)
    intact = quality.measure(labels, booster.inplace_predict(table))
    losses = {}
    for column, name in enumerate(booster.feature_names or ()):
        shuffled = []
        for _ in range(repeats):
            copy = table.copy()
            copy[:, column] = random.permutation(copy[:, column])
            shuffled.append(quality.measure(labels, booster.inplace_predict(copy)))
        losses[name] = quality.sign * (float(np.mean(shuffled)) - intact)
    return Insight(
        "Importance by permutation",
        f"How far the {quality.metric} on {len(labels):,} eval rows ({intact:.4f}) {quality.worse} "
        "when a feature's values are shuffled among the rows. The model depends most on the "
        "features with the largest values. Values near zero are noise.",
        _descending(losses),
    )


def _descending(values: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(values.items(), key=lambda item: -item[1])
