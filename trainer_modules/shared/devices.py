"""Using the accelerators that there are."""

from __future__ import annotations

import tensorflow as tf


def strategy() -> tf.distribute.Strategy:
    """Returns the strategy in whose scope to build a model.

    Each batch is divided among all GPUs or, without any, among the CPU's logical devices, of which
    there is one unless someone has configured more.
    """
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    if len(devices) == 1:
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy([device.name for device in devices])


def training_precision() -> str:
    """Returns the Keras dtype policy to train with: half precision where there are GPUs.

    It is fast on GPUs alone; a model to be served on any machine computes in "float32".
    """
    return "mixed_float16" if tf.config.list_logical_devices("GPU") else "float32"
