"""Transform's user code for MNIST."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from trainer_modules.mnist import features as f
from trainer_modules.shared.preprocessing import dense


def preprocessing_fn(inputs: dict[str, Any]) -> dict[str, tf.Tensor]:
    """Turns raw features into the networks' inputs.

    Args:
        inputs: Raw features by name: `image`, string [n, 1]; `height` and `width`, int64, sparse
            [n, ?]. A missing height or width is taken to be 28.

    Returns:
        `pixels`, float32 [n, 28, 28] in [0, 1].

    Raises:
        tf.errors.InvalidArgumentError: An image has another size.
    """
    side = tf.constant(f.SIDE, tf.int64)
    checks = [
        tf.debugging.assert_equal(
            dense(inputs[name], side),
            side,
            f"The {name} of an image is not {f.SIDE} pixels. Resize it.",
        )
        for name in (f.HEIGHT, f.WIDTH)
    ]
    with tf.control_dependencies([check for check in checks if check is not None]):
        pixels = tf.io.decode_raw(inputs[f.IMAGE], tf.uint8)
    return scaled(tf.reshape(pixels, [tf.shape(inputs[f.IMAGE])[0], f.SIDE, f.SIDE]))


def scaled(images: tf.Tensor) -> dict[str, tf.Tensor]:
    """Scales images to [0, 1].

    Args:
        images: uint8 [n, 28, 28].

    Returns:
        The transformed features.
    """
    return {f.PIXELS: tf.cast(images, tf.float32) / 255}
