"""tf.data's tuner."""

from __future__ import annotations

import tensorflow as tf


def untuned(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Switches tf.data's tuner off, for a data set and for all that is made of it.

    The tuner sleeps longer each time: 10 ms, 20, 40 and so on. It may miss that its iterator was
    closed, and then the person who closed it waits until it wakes up: 2 s after a pass of 3 s (tensorflow
    2.21, docs/performance.md). What it would tune are the threads of maps that take a core or two.

    Args:
        dataset: Any.

    Returns:
        The same elements in the same order.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)
