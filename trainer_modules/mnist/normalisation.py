"""Batch normalisation of images in one operation."""

from __future__ import annotations

import tensorflow as tf
from keras import layers


class FusedBatchNormalization(layers.BatchNormalization):
    """Keras's layer, trained with TensorFlow's own kernel.

    Keras 3 spells the training of it out in a dozen operations for every backend, which make a
    step a sixth longer. Differs from Keras in the variance that it keeps for serving: n / (n - 1)
    times as large, n being the pixels of a batch.
    """

    def call(
        self, inputs: tf.Tensor, training: bool | None = None, mask: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Normalises images.

        Args:
            inputs: Float [n, height, width, channels].
            training: Whether by the batch's own mean and variance instead of those kept.
            mask: Of no use to images.

        Returns:
            As `inputs`.
        """
        if not training:
            return super().call(inputs, training, mask)
        normalised, *of_batch = tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma, self.beta, epsilon=self.epsilon
        )
        for kept, new in zip((self.moving_mean, self.moving_variance), of_batch, strict=True):
            kept.assign(kept * self.momentum + new * (1 - self.momentum))
        return normalised
