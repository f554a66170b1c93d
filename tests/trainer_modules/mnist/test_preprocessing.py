"""From raw features to pixels."""

import numpy as np
import pytest
import tensorflow as tf

from trainer_modules.mnist.preprocessing import preprocessing_fn

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8)


def sparse(values: list[int | None]) -> tf.SparseTensor:
    rows = [row for row, value in enumerate(values) if value is not None]
    present = tf.constant([value for value in values if value is not None], tf.int64)
    places = np.array([[row, 0] for row in rows], np.int64).reshape(-1, 2)
    return tf.SparseTensor(places, present, [len(values), 1])


def raw(images=None, height=(28, 28, 28), width=(28, 28, 28)) -> dict:
    images = [image.tobytes() for image in IMAGES] if images is None else images
    return {
        "image": tf.reshape(tf.constant(images, tf.string), [-1, 1]),
        "height": sparse(list(height)),
        "width": sparse(list(width)),
    }


def pixels(features: dict) -> tf.Tensor:
    return preprocessing_fn(features)["pixels"]


def test_bytes_become_pixels():
    decoded = pixels(raw())

    assert decoded.dtype == tf.float32
    assert (decoded.numpy() == IMAGES.astype(np.float32) / 255).all()


def test_height_and_width_need_not_be_there():
    bare = pixels(raw(height=[None] * 3, width=[28, None, None]))

    assert (bare.numpy() == pixels(raw()).numpy()).all()


def test_no_images_are_no_pixels():
    assert pixels(raw([], [], [])).shape == (0, 28, 28)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"height": (28, 14, 28)}, id="another height"),
        pytest.param({"width": (28, 28, 56)}, id="another width"),
        pytest.param({"images": [bytes(784), bytes(784), bytes(783)]}, id="one too short"),
        pytest.param({"images": [bytes(785)] * 3}, id="all too long"),
        pytest.param({"images": [b""] * 3}, id="all empty"),
        pytest.param({"images": [bytes(1568)], "height": [28], "width": [28]}, id="two in one"),
    ],
)
@pytest.mark.parametrize("traced", [False, True])
def test_an_image_of_another_size_is_refused(wrong, traced):
    function = tf.function(pixels, autograph=False) if traced else pixels

    with pytest.raises(tf.errors.InvalidArgumentError):
        function(raw(**wrong))
