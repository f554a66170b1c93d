"""Which features boosted trees rely on."""

from __future__ import annotations

from typing import Any

import numpy as np
import xgboost as xgb
from sklearn.metrics import roc_auc_score

from trainer_modules.shared.insights import Insight


def gain(booster: xgb.Booster) -> Insight:
    """Adds up what the splits at each feature gained."""
    found: dict[str, Any] = booster.get_score(importance_type="total_gain")
    gains = {name: found.get(name, 0.0) for name in booster.feature_names or ()}
    whole = sum(gains.values()) or 1.0
    return Insight(
        "Importance by gain",
        "The share of each feature in what all splits of all trees took off the training loss. "
        "It counts every use, also where another feature could have stood in.",
        _descending({name: value / whole for name, value in gains.items()}),
    )


def permutation(
    booster: xgb.Booster, table: np.ndarray, labels: np.ndarray, *, repeats: int = 3, seed: int = 0
) -> Insight:
    """Measures how much worse scores get when a feature's values are dealt anew among the rows.

    Args:
        booster: For labels of 0 and 1.
        table: float32 [rows, features], rows that the trees were not grown on.
        labels: [rows], 0 or 1, both.
        repeats: Permutations, of which the mean is taken.
        seed: Of the permutations.
    """
    random = np.random.default_rng(seed)
    whole = roc_auc_score(labels, booster.inplace_predict(table))
    drops = {}
    for column, name in enumerate(booster.feature_names or ()):
        aucs = []
        for _ in range(repeats):
            dealt = table.copy()
            dealt[:, column] = random.permutation(dealt[:, column])
            aucs.append(roc_auc_score(labels, booster.inplace_predict(dealt)))
        drops[name] = whole - float(np.mean(aucs))
    return Insight(
        "Importance by permutation",
        f"How far the AUC on {len(labels):,} rows of eval, {whole:.4f}, falls when a feature's "
        "values are shuffled among the rows: what the model could not do without it. Values about "
        "zero are noise.",
        _descending(drops),
    )


def _descending(values: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(values.items(), key=lambda item: -item[1])
