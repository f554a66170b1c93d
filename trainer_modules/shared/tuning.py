"""Switches off the automatic tuning of tf.data."""

from __future__ import annotations

import tensorflow as tf


def untuned(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Switches off tf.data's tuner for a data set and for all data sets derived from it.

    The tuner sleeps longer each time: 10 ms, 20, 40, and so on. It may miss that its iterator was
    closed. Closing then blocks until the tuner wakes up: 2 s after a pass of 3 s (TensorFlow 2.21,
    docs/performance.md). Tuning has little to gain here, where maps use one or two cores.

    Args:
        dataset: Any data set.

    Returns:
        The same elements in the same order.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)
