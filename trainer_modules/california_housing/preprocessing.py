"""Transform's user code for California Housing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import tensorflow as tf

from trainer_modules.california_housing import features as f
from trainer_modules.shared.preprocessing import TABLE, dense_table

_RAW = (
    "longitude",
    "latitude",
    "housing_median_age",
    "total_rooms",
    "total_bedrooms",
    "population",
    "households",
    "median_income",
)


def preprocessing_fn(inputs: dict[str, Any], custom_config: dict[str, Any]) -> dict[str, tf.Tensor]:
    """Turns raw features into the table that all models read. It needs no analyzers.

    Args:
        inputs: Raw features by name, each float32 [n, 1].
        custom_config: Unused.

    Returns:
        `table`, float32 [n, 24], with the columns `FEATURES`.
    """
    raw = tf.unstack(dense_table(inputs, _RAW, math.nan), axis=1)
    longitude, latitude, age, rooms, bedrooms, population, households, income = raw
    per_household = [values / households for values in (rooms, bedrooms, population)]
    columns = [income, age, *per_household[:2], population, per_household[2], latitude, longitude]
    east, north = kilometers(latitude, longitude)
    angles = np.radians(f.ANGLES).astype(np.float32)
    turned_east = east[:, tf.newaxis] * np.cos(angles) + north[:, tf.newaxis] * np.sin(angles)
    turned_north = north[:, tf.newaxis] * np.cos(angles) - east[:, tf.newaxis] * np.sin(angles)
    return {TABLE: tf.concat([tf.stack(columns, axis=1), turned_east, turned_north], axis=1)}


def kilometers(latitude: tf.Tensor, longitude: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns points in degrees as km to the east and to the north of the middle of the state."""
    degree = 111.2
    return (
        (longitude + 119.5) * degree * math.cos(math.radians(36)),
        (latitude - 36) * degree,
    )
