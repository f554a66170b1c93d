"""Transform's user code for HIGGS."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from trainer_modules.higgs import features as f
from trainer_modules.shared.preprocessing import TABLE, dense_table

_BUCKETS = 100
"""The number of buckets. The original tutorial split each feature at its percentiles."""

_PERCENTILE_ERROR = 0.001
"""Maximum error of a percentile's rank, a tenth of a percent of the rows."""


def preprocessing_fn(inputs: dict[str, Any], custom_config: dict[str, Any]) -> dict[str, tf.Tensor]:
    """Turns raw features into the table that the trees read.

    Args:
        inputs: Raw features by name, dense [n, 1] or sparse [n, ?].
        custom_config: Contains `parameters` with the `preset`.

    Returns:
        `table`, float32 [n, 28]: the values, NaN where one is missing. The preset `tutorial`
        replaces missing values by 0, then each value by the number of its bucket.
    """
    if custom_config["parameters"]["preset"] != "tutorial":
        return {TABLE: dense_table(inputs, f.FEATURES, float("nan"))}
    values = dense_table(inputs, f.FEATURES, 0.0)
    boundaries = tft.quantiles(
        values, _BUCKETS, epsilon=_PERCENTILE_ERROR, reduce_instance_dims=False
    )
    # Equal percentiles leave gaps between bucket numbers, which make no difference to trees.
    buckets = tf.searchsorted(boundaries, tf.transpose(values), side="right")
    return {TABLE: tf.cast(tf.transpose(buckets), tf.float32)}
