"""A forest in TensorFlow gives the same scores as XGBoost itself, for all numbers."""

import json

import numpy as np
import pytest
import tensorflow as tf
import xgboost as xgb

from trainer_modules.shared.forest import Forest

FEATURES = 6
TINY = np.float32(1e-41)  # denormal: 0 to kernels that flush such numbers
SETTINGS = {"objective": "binary:logistic", "max_depth": 6, "learning_rate": 0.3, "nthread": 1}
REGRESSION = "reg:squarederror"


def table(rows: int, seed: int = 0) -> np.ndarray:
    """Columns of ordinary numbers, denormal ones, few distinct values, and very large ones."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, FEATURES)).astype(np.float32)
    values[:, 1] = random.integers(-3, 4, rows) * TINY
    values[:, 2] = random.integers(0, 3, rows)
    values[:, 3] *= np.float32(1e37)
    values[random.random(values.shape) < 0.1] = np.nan
    return values


def train(rounds: int = 50, **changes) -> xgb.Booster:
    """Grows trees for random classes or, with another objective, for their log-odds."""
    values = table(5_000)
    odds = values[:, 0] * np.nan_to_num(values[:, 4], nan=2) + values[:, 1] / TINY / 2
    odds = np.nan_to_num(odds, nan=0.5) + (values[:, 2] == 1) - (values[:, 3] > 1e36)
    settings = {**SETTINGS, **changes}
    labels = odds
    if settings["objective"] != REGRESSION:
        labels = np.random.default_rng(1).random(5_000) < 1 / (1 + np.exp(-odds))
    return xgb.train(settings, xgb.QuantileDMatrix(values, labels), rounds)


@pytest.fixture(scope="module", params=[SETTINGS["objective"], REGRESSION])
def booster(request) -> xgb.Booster:
    return train(objective=request.param)


@pytest.fixture(scope="module")
def forest(booster) -> Forest:
    return Forest(booster.save_raw("json"))


def splits(booster: xgb.Booster) -> list[tuple[int, np.float32]]:
    """Returns the features and the thresholds of all splits."""
    model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]
    return [
        (feature, np.float32(threshold))
        for tree in model["trees"]
        for feature, threshold, left in zip(
            tree["split_indices"], tree["split_conditions"], tree["left_children"], strict=True
        )
        if left != -1
    ]


def assert_same_scores(forest: Forest, booster: xgb.Booster, values: np.ndarray) -> None:
    # For zero rows, newer versions return a table.
    margins = booster.inplace_predict(values, predict_type="margin").ravel()
    np.testing.assert_allclose(tf.function(forest.margins)(values), margins, rtol=0, atol=1e-6)
    if f'"{REGRESSION}"' in booster.save_config():
        return
    probabilities = tf.function(forest.probabilities)(values).numpy()
    expected = booster.inplace_predict(values).ravel()
    np.testing.assert_allclose(probabilities[:, 1], expected, 0, 1e-6)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, 0, 1e-6)


def test_random_rows_score_the_same(forest, booster):
    values = table(10_000, seed=2)
    random = np.random.default_rng(3)
    for special in (np.inf, -np.inf, 0.0, -0.0, TINY, -TINY, 3e38):
        values[random.random(values.shape) < 0.02] = special
    assert_same_scores(forest, booster, values)


def test_values_on_and_beside_a_threshold_go_the_same_way(forest, booster):
    found = splits(booster)
    assert any(0 < abs(threshold) < 1e-38 for _, threshold in found), "no denormal threshold"
    values = np.repeat(table(len(found), seed=4), 3, axis=0)
    for row, (feature, threshold) in enumerate(found):
        below, above = np.nextafter(threshold, np.float32([-np.inf, np.inf]))
        values[3 * row : 3 * row + 3, feature] = below, threshold, above
    assert_same_scores(forest, booster, values)


def test_both_ways_of_missing_values_occur(booster):
    trees = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]["trees"]
    ways = {way for tree in trees for way in tree["default_left"][: len(tree["left_children"])]}
    assert ways == {0, 1}


@pytest.mark.parametrize(
    "changes",
    [
        {"max_leaves": 40, "max_depth": 0, "grow_policy": "lossguide"},
        {"gamma": 3.0},  # prunes: some nodes are deleted
        {"num_parallel_tree": 3, "subsample": 0.5},
        {"base_score": 0.9},
        {"objective": REGRESSION, "base_score": -3.7},
        {"max_depth": 1},
        {"gamma": 1e9},  # trees of one leaf each
    ],
    ids=str,
)
def test_trees_of_other_shapes_score_the_same(changes):
    booster = train(rounds=10, **changes)
    assert_same_scores(Forest(booster.save_raw("json")), booster, table(2_000, seed=5))


@pytest.mark.parametrize(
    "start", [{"base_score": 0.5}, {"objective": REGRESSION}], ids=["log-odds of 0", "mean"]
)
def test_leaves_are_added_in_the_order_of_xgboost(start):
    """A sum of many small floats depends on their order. Both sums start with the same number."""
    booster = train(rounds=400, max_depth=3, **start)
    values = table(2_000, seed=10)
    margins = booster.inplace_predict(values, predict_type="margin")
    np.testing.assert_array_equal(Forest(booster.save_raw("json")).margins(values), margins)


def test_the_best_rounds_alone_score_the_same(booster):
    best = booster[:7]
    assert_same_scores(Forest(best.save_raw("json")), best, table(500, seed=6))


@pytest.mark.parametrize("rows", [0, 1, 2, 4_096])
def test_batches_of_any_size_are_scored(forest, booster, rows):
    assert_same_scores(forest, booster, table(5_000, seed=7)[:rows])


def test_rows_are_scored_in_parts_that_fit_the_cache(monkeypatch, booster):
    monkeypatch.setattr("trainer_modules.shared.forest._VISITS", 50 * 16)
    assert_same_scores(Forest(booster.save_raw("json")), booster, table(1_001, seed=8))


def test_an_older_spelling_of_the_base_score_is_understood(booster):
    model = json.loads(booster.save_raw("json"))
    parameters = model["learner"]["learner_model_param"]
    parameters["base_score"] = parameters["base_score"].strip("[]")
    assert_same_scores(Forest(json.dumps(model)), booster, table(100, seed=9))


def test_a_saved_forest_is_as_large_as_its_trees(tmp_path, booster):
    def size(rounds: int) -> tuple[int, int]:
        forest, folder = Forest(booster[:rounds].save_raw("json")), tmp_path / str(rounds)
        spec = tf.TensorSpec([None, FEATURES], tf.float32)
        signatures = {
            name: tf.function(function, input_signature=[spec]).get_concrete_function()
            for name, function in (("a", forest.probabilities), ("b", forest.probabilities))
        }
        tf.saved_model.save(forest, folder, signatures=signatures)
        (values,) = folder.glob("variables/*.data-*")
        return values.stat().st_size, (folder / "saved_model.pb").stat().st_size

    values, graph = size(50)
    less, same = size(10)
    nodes = 2 * len(splits(booster)) + 50
    assert values < 17 * nodes + 5_000
    assert less < values / 3
    assert graph == pytest.approx(same, rel=0.05)


def test_another_objective_is_refused():
    with pytest.raises(ValueError, match="Train gbtree for binary:logistic or reg:squarederror"):
        Forest(train(rounds=1, objective="multi:softprob", num_class=2).save_raw("json"))


def test_another_booster_is_refused():
    """Newer versions of XGBoost save dart as gbtree, so the name is changed by hand."""
    model = json.loads(train(rounds=1).save_raw("json"))
    model["learner"]["gradient_booster"]["name"] = "dart"

    with pytest.raises(ValueError, match="The model is dart for binary:logistic"):
        Forest(json.dumps(model))


def test_splits_by_categories_are_refused():
    values = np.random.default_rng(0).integers(0, 5, (500, 1)).astype(np.float32)
    rows = xgb.DMatrix(values, values[:, 0] % 2, feature_types=["c"], enable_categorical=True)
    booster = xgb.train({**SETTINGS, "max_cat_to_onehot": 1}, rows, 1)
    with pytest.raises(ValueError, match="categories"):
        Forest(booster.save_raw("json"))
