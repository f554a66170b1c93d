"""From raw features to pixels, in training and serving alike."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from trainer_modules.mnist import features as f
from trainer_modules.shared.preprocessing import dense


def decode(features: dict[str, Any]) -> tf.Tensor:
    """Returns the images.

    Args:
        features: `image`, string [n, 1]; `height` and `width`, int64, sparse [n, ?]: where a row
            has none they are taken for right.

    Returns:
        uint8 [n, 28, 28].

    Raises:
        tf.errors.InvalidArgumentError: An image is of another size.
    """
    side = tf.constant(f.SIDE, tf.int64)
    for name in (f.HEIGHT, f.WIDTH):
        tf.debugging.assert_equal(
            dense(features[name], side), side, f"'{name}' of an image is not {f.SIDE}"
        )
    pixels = tf.io.decode_raw(features[f.IMAGE], tf.uint8)
    return tf.reshape(pixels, [tf.shape(features[f.IMAGE])[0], f.SIDE, f.SIDE])
