"""The first layer's weights as pictures."""

import keras
import numpy as np
import pytest

from trainer_modules.mnist.filters import first_filters
from trainer_modules.mnist.model import build_network
from trainer_modules.mnist.parameters import MnistParameters


@pytest.mark.parametrize(
    ("model_type", "units", "side"), [("cnn", 16, 3), ("tutorial", 32, 5), ("mlp", 512, 28)]
)
def test_each_model_type_has_filters_to_show(model_type, units, side):
    keras.utils.set_random_seed(0)
    network = build_network(MnistParameters(model_type=model_type), classes=10)

    insight = first_filters(network)

    shown = min(units, 32)
    assert f"{shown} of the {units} units" in insight.about
    assert f"{side} × {side} pixels" in insight.about
    assert [caption for caption, _ in insight.images] == [f"unit {unit}" for unit in range(shown)]
    for _, picture in insight.images:
        assert picture.dtype == np.uint8
        assert picture.shape[0] == picture.shape[1]
        assert picture.shape[0] % side == 0
        assert {0, 255} & set(picture.flat)


def test_weights_become_shades():
    network = build_network(MnistParameters(model_type="tutorial"), classes=10)
    layer = next(layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D))
    kernel, bias = layer.get_weights()
    kernel[:, :, 0, 0] = 0
    kernel[0, 1, 0, 0], kernel[3, 4, 0, 0] = -0.5, 0.25
    kernel[:, :, 0, 1] = 0
    layer.set_weights([kernel, bias])

    (_, first), (_, second) = first_filters(network).images[:2]

    tile = first.shape[0] // 5
    tiles = first[::tile, ::tile]
    assert (first == tiles.repeat(tile, axis=0).repeat(tile, axis=1)).all()
    assert (tiles[0, 1], tiles[3, 4], tiles[2, 2]) == (0, 191, 128)
    assert (second == 128).all()
