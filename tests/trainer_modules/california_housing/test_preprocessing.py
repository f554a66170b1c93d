"""The table of California Housing, against scikit-learn's own features."""

import numpy as np
import pytest
import tensorflow as tf

from trainer_modules.california_housing import features as f
from trainer_modules.california_housing.preprocessing import kilometers, preprocessing_fn
from trainer_modules.shared.preprocessing import TABLE

DISTRICT = {
    "longitude": -122.23,
    "latitude": 37.88,
    "housing_median_age": 41.0,
    "total_rooms": 880.0,
    "total_bedrooms": 129.0,
    "population": 322.0,
    "households": 126.0,
    "median_income": 8.3252,
}
"""The first line of the official file."""

SCIKIT_LEARN = [8.3252, 41.0, 6.98412698, 1.02380952, 322.0, 2.55555556, 37.88, -122.23]
"""The features of that district, as scikit-learn's documentation prints them: MedInc, HouseAge,
AveRooms, AveBedrms, Population, AveOccup, Latitude, Longitude."""


def table(*districts: dict[str, float]) -> np.ndarray:
    inputs = {name: tf.constant([[row[name]] for row in districts]) for name in DISTRICT}
    return preprocessing_fn(inputs, {})[TABLE].numpy()


def test_the_first_columns_are_scikit_learns_features():
    (row,) = table(DISTRICT)

    assert len(row) == len(f.FEATURES)
    np.testing.assert_allclose(row[:8], SCIKIT_LEARN, rtol=1e-6)


def test_turned_coordinates_keep_the_distance_from_the_middle():
    (row,) = table(DISTRICT)
    east, north = (axis.numpy() for axis in kilometers(tf.constant(37.88), tf.constant(-122.23)))

    turned_east, turned_north = np.split(row[8:], 2)
    np.testing.assert_allclose(
        np.hypot(turned_east, turned_north), np.hypot(east, north), rtol=1e-5
    )
    angle = np.degrees(np.arctan2(north, east) - np.arctan2(turned_north, turned_east))
    np.testing.assert_allclose(angle % 360, f.ANGLES, rtol=1e-3)


def test_a_degree_of_latitude_is_111_km():
    (south, north) = (kilometers(tf.constant(at), tf.constant(-120.0)) for at in (36.0, 37.0))

    assert float(north[1] - south[1]) == pytest.approx(111.2, abs=0.1)
    assert float(north[0]) == float(south[0])


def test_rows_do_not_influence_each_other():
    other = {**DISTRICT, "longitude": -117.1, "households": 500.0}

    np.testing.assert_array_equal(table(DISTRICT, other)[0], table(DISTRICT)[0])
