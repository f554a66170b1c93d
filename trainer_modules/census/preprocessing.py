"""Transform's user code for census."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from schemas.reader import read_schema
from trainer_modules.census import features as f
from trainer_modules.shared.preprocessing import dense, domain_ids, quantile_positions


def preprocessing_fn(inputs: dict[str, Any], custom_config: dict[str, Any]) -> dict[str, tf.Tensor]:
    """Turns raw features into the model's inputs.

    Args:
        inputs: Raw features by name, dense [n, 1] or sparse [n, ?].
        custom_config: Contains `schema`, the path of the curated schema.

    Returns:
        For each categorical column, its id, int64 [n, 1], 0 for missing or unknown; `age_bucket`,
        int64 [n, 1]; for each numeric column, its position among the training quantiles, float32
        [n, 1] in [0, 1].
    """
    schema = read_schema(custom_config["schema"])
    outputs = {name: domain_ids(inputs[name], schema, name) for name in f.CATEGORICAL}

    numeric = {name: tf.cast(dense(inputs[name], 0), tf.float32) for name in f.NUMERIC}
    outputs[f.AGE_BUCKET] = tft.apply_buckets(
        numeric["age"], tf.constant([f.AGE_BOUNDARIES], tf.float32)
    )
    # One analyzer for all columns, since each one adds Beam stages. It ignores NaN.
    counted = [
        tf.where(value > 0, value, float("nan")) if name in f.MOSTLY_ZERO else value
        for name, value in numeric.items()
    ]
    boundaries = tft.quantiles(
        tf.concat(counted, axis=1), f.QUANTILE_BINS, epsilon=0.001, reduce_instance_dims=False
    )
    positions = quantile_positions(tf.concat(list(numeric.values()), axis=1), boundaries)
    for index, name in enumerate(f.NUMERIC):
        outputs[f.position(name)] = positions[:, index : index + 1]
    return outputs
