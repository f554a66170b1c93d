"""Uses the accelerators of the machine."""

from __future__ import annotations

import tensorflow as tf


def strategy() -> tf.distribute.Strategy:
    """Returns the strategy for building and training a model.

    Each batch is divided among all GPUs. Without a GPU, it is divided among the logical devices of
    the CPU: one, unless TensorFlow is configured to have more.
    """
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    if len(devices) == 1:
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy([device.name for device in devices])


def training_precision() -> str:
    """Returns the Keras dtype policy for training: half precision on GPUs.

    Only GPUs are fast at half precision. A served model may run on any machine, so it computes in
    "float32".
    """
    return "mixed_float16" if tf.config.list_logical_devices("GPU") else "float32"
