"""Fused batch normalization, compared with Keras's."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from trainer_modules.shared.normalization import FusedBatchNormalization

IMAGES = np.random.default_rng(0).normal(3, 2, (16, 7, 7, 5)).astype("float32")
PIXELS = 16 * 7 * 7


def both(policy: str) -> list[layers.Layer]:
    """Returns our layer and Keras's, with the same weights."""
    made = [
        kind(momentum=0.9, dtype=policy)
        for kind in (FusedBatchNormalization, layers.BatchNormalization)
    ]
    for one in made:
        one.build(IMAGES.shape)
        random = np.random.default_rng(1)
        one.set_weights([random.uniform(0.5, 2, weight.shape) for weight in one.weights])
    return made


def trained(normalize: layers.Layer) -> tuple[np.ndarray, list[np.ndarray]]:
    """Returns the layer's output and the gradients of a function of it, all float32."""
    images = tf.Variable(IMAGES)
    with tf.GradientTape() as tape:
        answer = tf.cast(normalize(images, training=True), tf.float32)
        loss = tf.reduce_sum(answer**3)
    gradients = tape.gradient(loss, [images, *(w.value for w in normalize.trainable_weights)])
    return answer.numpy(), [gradient.numpy() for gradient in gradients]


@pytest.mark.parametrize(("policy", "tolerance"), [("float32", 1e-4), ("mixed_float16", 2e-2)])
def test_training_is_the_same(policy, tolerance):
    ours, kerass = both(policy)

    answer, gradients = trained(ours)
    expected, expected_gradients = trained(kerass)

    np.testing.assert_allclose(answer, expected, rtol=tolerance, atol=tolerance)
    for gradient, other in zip(gradients, expected_gradients, strict=True):
        np.testing.assert_allclose(gradient, other, atol=tolerance * abs(other).max())


def test_what_it_keeps_is_the_same_but_for_n_minus_1():
    ours, kerass = both("float32")
    before = keras.ops.convert_to_numpy(ours.moving_variance)

    trained(ours), trained(kerass)

    np.testing.assert_allclose(ours.moving_mean, kerass.moving_mean, rtol=1e-5)
    moved = kerass.moving_variance - 0.9 * before
    np.testing.assert_allclose(
        ours.moving_variance - 0.9 * before, moved * PIXELS / (PIXELS - 1), rtol=1e-4
    )


def test_serving_is_kerass_own():
    ours, kerass = both("float32")

    np.testing.assert_array_equal(ours(IMAGES), kerass(IMAGES))
    np.testing.assert_array_equal(ours.moving_mean, kerass.moving_mean)
