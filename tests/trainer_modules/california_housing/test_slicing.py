"""The features that the Evaluator slices California Housing by."""

import pytest
import tensorflow as tf

from trainer_modules.california_housing import features as f
from trainer_modules.california_housing.slicing import slices


def sliced(income: float = 3.0, latitude: float = 36.0, longitude: float = -119.5) -> tuple:
    values = {"median_income": income, "latitude": latitude, "longitude": longitude}
    found = slices({name: tf.constant([[value]]) for name, value in values.items()})
    return tuple(found[name].numpy()[0, 0].decode() for name in (f.INCOME_QUARTILE, f.REGION))


@pytest.mark.parametrize(
    ("income", "name"),
    [
        (0.5, "1st (below 2.56)"),
        (2.5599, "1st (below 2.56)"),
        (2.56, "2nd (from 2.56)"),
        (3.53, "3rd (from 3.53)"),
        (15.0, "4th (from 4.74)"),
    ],
)
def test_income_quartiles_begin_at_their_bounds(income, name):
    assert sliced(income=income)[0] == name


@pytest.mark.parametrize("city", f.CITIES)
def test_a_district_of_a_city_is_in_its_region(city):
    latitude, longitude = f.CITIES[city]

    assert sliced(latitude=latitude, longitude=longitude)[1] == city


def test_beyond_60_km_of_every_city_is_elsewhere():
    latitude, longitude = f.CITIES["Sacramento"]
    degree = 1 / 111.2

    near = sliced(latitude=latitude + 59 * degree, longitude=longitude)
    far = sliced(latitude=latitude + 61 * degree, longitude=longitude)
    assert (near[1], far[1]) == ("Sacramento", f.ELSEWHERE)
