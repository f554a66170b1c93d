"""The derived features that the Evaluator slices by."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import tensorflow as tf

from trainer_modules.california_housing import features as f
from trainer_modules.california_housing.preprocessing import kilometers
from trainer_modules.shared.preprocessing import dense_table


def slices(features: dict[str, Any]) -> dict[str, tf.Tensor]:
    """Derives the features that the Evaluator slices by.

    Args:
        features: Raw features by name.

    Returns:
        `median_income_quartile` and `region`, each string [n, 1].
    """
    names = ("median_income", "latitude", "longitude")
    income, latitude, longitude = tf.unstack(dense_table(features, names, math.nan), axis=1)
    quartiles = tf.searchsorted(tf.constant(f.INCOME_QUARTILES), income, side="right")
    east, north = kilometers(latitude, longitude)
    cities = np.array(list(f.CITIES.values()), np.float32).T
    city_east, city_north = kilometers(*cities)
    km = tf.sqrt((east[:, tf.newaxis] - city_east) ** 2 + (north[:, tf.newaxis] - city_north) ** 2)
    near = tf.reduce_min(km, axis=1) <= f.REGION_KM
    regions = tf.where(near, tf.gather(list(f.CITIES), tf.argmin(km, axis=1)), f.ELSEWHERE)
    return {
        f.INCOME_QUARTILE: tf.gather(f.INCOME_NAMES, quartiles)[:, tf.newaxis],
        f.REGION: regions[:, tf.newaxis],
    }
