"""The statistics that the report reads from TFDV's output."""

import math

import pytest

from components.report.statistics import columns, rows
from tests.components.report.splits import HOSTILE, of, statistics


def test_splits_stand_side_by_side():
    table = columns(statistics())

    assert rows(statistics()) == {"train": 100, "test": 100}
    assert set(table["age"]) == {"train", "test"}
    assert set(table["workclass"]) == {"train"}


def test_numbers_come_with_their_distribution():
    age = columns(statistics())["age"]["train"]

    assert (age.kind, age.present, age.missing) == ("number", 75, pytest.approx(0.25))
    assert age.statistics["mean"] == pytest.approx(100 / 3)
    assert age.statistics["min"] == 20
    assert age.statistics["median"] == 30
    assert age.statistics["max"] == 50
    assert len(age.histogram) == 10
    assert sum(bucket.share for bucket in age.histogram) == pytest.approx(1)
    assert (age.histogram[0].low, age.histogram[-1].high) == (20, 50)


def test_not_a_number_is_counted():
    age = columns(statistics())["age"]["test"]

    assert age.statistics["NaN"] == pytest.approx(0.25)
    assert not math.isnan(age.statistics["mean"])


def test_texts_come_with_their_most_frequent_values():
    workclass = columns(statistics())["workclass"]["train"]

    assert (workclass.kind, workclass.present) == ("string", 75)
    assert workclass.statistics["distinct"] == 2
    assert [top.value for top in workclass.top] == ["Private", "State-gov"]
    assert [top.share for top in workclass.top] == pytest.approx([2 / 3, 1 / 3])


def test_values_are_what_the_data_holds_whatever_that_is():
    top = columns(statistics())[HOSTILE[0]]["train"].top

    assert {frequency.value for frequency in top} == set(HOSTILE)


def test_a_feature_without_a_single_value_has_no_distribution():
    (column,) = columns({"train": of({"empty": [None, None]})})["empty"].values()

    assert (column.present, column.missing) == (0, 1)
    assert column.histogram == column.top == ()
