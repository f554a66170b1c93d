"""Transform's user code for HIGGS."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from trainer_modules.higgs import features as f
from trainer_modules.shared.preprocessing import TABLE, dense_table

_BUCKETS = 100
"""The original tutorial split each feature at its percentiles."""

_PERCENTILE_ERROR = 0.001
"""Maximum error of a percentile's rank, a tenth of a percent of the rows."""


def preprocessing_fn(inputs: dict[str, Any], custom_config: dict[str, Any]) -> dict[str, tf.Tensor]:
    """Turns raw features into the table that the trees read.

    Args:
        inputs: Raw features by name, dense [n, 1] or sparse [n, ?].
        custom_config: `parameters`: the `preset`.

    Returns:
        `table`, float32 [n, 28]: the values, NaN where one is missing. With the preset `tutorial`,
        the numbers of the buckets that the values fall in; missing values are 0 before.
    """
    if custom_config["parameters"]["preset"] != "tutorial":
        return {TABLE: dense_table(inputs, f.FEATURES, float("nan"))}
    values = dense_table(inputs, f.FEATURES, 0.0)
    boundaries = tft.quantiles(
        values, _BUCKETS, epsilon=_PERCENTILE_ERROR, reduce_instance_dims=False
    )
    # Equal percentiles leave numbers out, which trees do not notice.
    buckets = tf.searchsorted(boundaries, tf.transpose(values), side="right")
    return {TABLE: tf.cast(tf.transpose(buckets), tf.float32)}
