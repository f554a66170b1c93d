import numpy as np
import pytest

from trainer_modules.census import features as f
from trainer_modules.census.model import PiecewiseLinear, build_model
from trainer_modules.census.parameters import CensusParameters

SIZES = {name: 4 for name in (*f.CATEGORICAL, f.AGE_BUCKET)}
ROWS = 512


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    features = {name: random.integers(0, 4, (ROWS, 1)) for name in SIZES}
    for name in f.NUMERIC:
        features[f.position(name)] = random.random((ROWS, 1)).astype(np.float32)
    # The crosses can learn this, but no single column can.
    label = (features["education"] == features["occupation"]).astype(np.int64)
    return features, label


def _trained(rows, epochs=20, **parameters):
    model = build_model(CensusParameters(**parameters), SIZES, total_steps=epochs * 8)
    model.fit(*rows, batch_size=64, epochs=epochs, verbose=0)
    return model


@pytest.mark.parametrize("model_type", ["wide", "deep", "wide_deep"])
def test_each_model_type_learns_the_cross(rows, model_type):
    model = _trained(
        rows, model_type=model_type, learning_rate=0.1 if model_type == "wide" else 0.01
    )
    assert model.evaluate(*rows, return_dict=True, verbose=0)["auc"] > 0.95


def test_the_wide_model_has_one_weight_per_value_and_combination():
    model = build_model(CensusParameters(model_type="wide"), SIZES, total_steps=1)
    assert model.count_params() == len(f.WIDE) * 4 + 4**2 + 4**3


def test_l1_makes_wide_weights_exactly_zero(rows):
    def zeros(l1):
        (weights,) = _trained(rows, epochs=5, model_type="wide", l1=l1).get_weights()
        return (weights == 0).mean()

    assert zeros(1.0) > zeros(0.0) + 0.3


def test_l2_makes_wide_weights_smaller(rows):
    def size(l2):
        model = _trained(rows, epochs=5, model_type="wide_deep", l2=l2)
        return np.abs(model.get_layer("wide").get_weights()[0]).sum()

    assert size(1.0) < size(0.0) / 2


def test_piecewise_linear_fills_bins_in_order():
    encoded = np.asarray(PiecewiseLinear(4)(np.array([[0.0, 0.375, 1.0]], np.float32)))
    assert encoded.tolist() == [[[0, 0, 0, 0], [1, 0.5, 0, 0], [1, 1, 1, 1]]]
