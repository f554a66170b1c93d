"""The importance of features that affect the label and of features that do not."""

import numpy as np
import pytest
import xgboost as xgb
from sklearn.metrics import roc_auc_score

from trainer_modules.shared import importance

NAMES = ["noise", "strong", "weak", "constant"]


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    values = random.normal(size=(4_000, 4)).astype(np.float32)
    values[:, 3] = 1
    odds = 3 * values[:, 1] + values[:, 2]
    return values, (random.random(4_000) < 1 / (1 + np.exp(-odds))).astype(np.float32)


@pytest.fixture(scope="module")
def booster(data) -> xgb.Booster:
    rows = xgb.QuantileDMatrix(data[0][:2_000], data[1][:2_000], feature_names=NAMES)
    settings = {"objective": "binary:logistic", "max_depth": 3, "nthread": 1}
    return xgb.train(settings, rows, 20)


def test_gain_orders_features_by_their_share(booster):
    bars = importance.gain(booster).bars
    assert [name for name, _ in bars] == ["strong", "weak", "noise", "constant"]
    assert sum(value for _, value in bars) == pytest.approx(1)
    assert bars[3][1] == 0


def test_gain_of_trees_without_splits_is_zero(data):
    rows = xgb.QuantileDMatrix(*data, feature_names=NAMES)
    settings = {"objective": "binary:logistic", "gamma": 1e9, "nthread": 1}
    bars = importance.gain(xgb.train(settings, rows, 1)).bars
    assert [value for _, value in bars] == [0] * 4


def test_permutation_measures_the_auc_that_is_lost(booster, data):
    values, labels = data[0][2_000:], data[1][2_000:]
    bars = dict(importance.permutation(booster, values, labels).bars)

    without = values.copy()
    without[:, 1] = np.random.default_rng(9).permutation(without[:, 1])
    whole, less = (roc_auc_score(labels, booster.inplace_predict(v)) for v in (values, without))
    assert bars["strong"] == pytest.approx(whole - less, abs=0.05)
    assert list(bars)[:2] == ["strong", "weak"]
    assert abs(bars["noise"]) < 0.01
    assert bars["constant"] == 0


def test_permutation_measures_the_rise_of_the_error_of_a_regression(data):
    values = data[0]
    labels = 3 * values[:, 1] + values[:, 2]
    rows = xgb.QuantileDMatrix(values[:2_000], labels[:2_000], feature_names=NAMES)
    settings = {"objective": "reg:squarederror", "max_depth": 3, "nthread": 1}
    booster = xgb.train(settings, rows, 50)
    insight = importance.permutation(booster, values[2_000:], labels[2_000:])

    bars = dict(insight.bars)
    # Shuffling adds twice the variance of what the feature contributes.
    assert bars["strong"] == pytest.approx(3 * np.sqrt(2), rel=0.1)
    assert bars["weak"] == pytest.approx(np.sqrt(2), rel=0.2)
    assert list(bars)[:2] == ["strong", "weak"]
    assert bars["constant"] == 0
    assert "the RMSE on 2,000 eval rows" in str(insight)
    assert "rises when a feature" in str(insight)


def test_permutation_leaves_the_rows_as_they_are_and_depends_on_the_seed_alone(booster, data):
    values, labels = data[0][2_000:].copy(), data[1][2_000:]
    first = importance.permutation(booster, values, labels, seed=1)
    np.testing.assert_array_equal(values, data[0][2_000:])
    assert importance.permutation(booster, values, labels, seed=1) == first
    assert importance.permutation(booster, values, labels, seed=2) != first
