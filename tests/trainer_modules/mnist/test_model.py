"""The networks, and the random shifts in training."""

from collections.abc import Iterator

import keras
import numpy as np
import pytest

from trainer_modules.mnist.model import build_network, for_training
from trainer_modules.mnist.parameters import MnistParameters

IMAGES = np.zeros((120, 28, 28), np.float32)
LABELS = np.arange(120) % 3
for _image, _label in zip(IMAGES, LABELS, strict=True):
    _image[6 + 5 * _label : 10 + 5 * _label, 6:22] = 1  # a bar, the higher the smaller the class


@pytest.fixture
def half_precision() -> Iterator[None]:
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy("float32")


def networks(epochs: int = 8, **parameters) -> tuple[keras.Model, keras.Model]:
    """Returns a network and the model that trains it."""
    keras.utils.set_random_seed(0)
    chosen = MnistParameters(**parameters)
    network = build_network(chosen, classes=3)
    return network, for_training(network, chosen, total_steps=epochs * 6)


def pixels(images: np.ndarray) -> np.ndarray:
    return images[..., None]


@pytest.mark.parametrize("model_type", ["cnn", "tutorial", "mlp"])
def test_each_model_type_learns(model_type):
    # One pixel to each side leaves the bars apart.
    network, model = networks(model_type=model_type, shift=1)

    model.fit(IMAGES, LABELS, batch_size=20, epochs=8, verbose=0)

    logits = network.predict(pixels(IMAGES), verbose=0)
    assert logits.shape == (120, 3)
    assert (logits.argmax(axis=1) == LABELS).mean() > 0.95


def test_the_tutorials_networks_have_the_tutorials_sizes():
    tutorial, _ = networks(model_type="tutorial")
    mlp, _ = networks(model_type="mlp")

    assert [layer.output.shape[1:] for layer in tutorial.layers] == [
        (28, 28, 1),
        (28, 28, 1),
        (28, 28, 32),
        (14, 14, 32),
        (14, 14, 64),
        (7, 7, 64),
        (3136,),
        (1024,),
        (1024,),
        (3,),
    ]
    assert mlp.count_params() == 784 * 512 + 512 + 512 * 3 + 3


def test_training_moves_images_by_at_most_the_shift():
    _, model = networks(shift=2)
    moving = next(
        layer for layer in model.layers if isinstance(layer, keras.layers.RandomTranslation)
    )
    dots = np.zeros((200, 28, 28, 1), np.float32)
    dots[:, 14, 14] = 1

    moved = keras.ops.convert_to_numpy(moving(dots, training=True))[..., 0]

    rows, columns = np.mgrid[:28, :28]
    centers = [(moved * places).sum((1, 2)) / moved.sum((1, 2)) for places in (rows, columns)]
    for center in centers:
        assert 1.5 < abs(center - 14).max() < 2.01
    assert len(np.unique(centers[0])) > 100


def test_images_that_are_not_trained_on_stay_where_they_are():
    network, model = networks(shift=14)

    np.testing.assert_allclose(
        model.predict(IMAGES[:5], verbose=0), network.predict(pixels(IMAGES[:5]), verbose=0)
    )


def test_half_precision_learns_what_full_precision_serves(half_precision):
    network, model = networks(shift=0, model_type="cnn")
    model.fit(IMAGES, LABELS, batch_size=20, epochs=8, verbose=0)
    half = network.predict(pixels(IMAGES), verbose=0)

    keras.config.set_dtype_policy("float32")
    served, _ = networks(shift=0, model_type="cnn")
    served.set_weights(network.get_weights())
    full = served.predict(pixels(IMAGES), verbose=0)

    assert half.dtype == np.float32
    assert (half.argmax(axis=1) == LABELS).mean() > 0.95
    np.testing.assert_allclose(half, full, atol=0.1)
    assert (half != full).any()


@pytest.mark.parametrize(
    ("model_type", "optimizer"), [("cnn", "adam"), ("tutorial", "SGD"), ("mlp", "adam")]
)
def test_each_model_type_has_its_optimizer(model_type, optimizer):
    _, model = networks(model_type=model_type)

    assert model.optimizer.name == optimizer


def test_the_learning_rate_of_the_default_falls_to_zero():
    _, model = networks(epochs=2)

    model.fit(IMAGES, LABELS, batch_size=20, epochs=2, verbose=0)

    assert float(model.optimizer.learning_rate) == pytest.approx(0, abs=1e-8)
