"""The distances between splits."""

import pytest
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from components.report.distances import distances
from tests.components.report.splits import TRAIN, of, statistics

SCHEMA = """
feature { name: "age" type: FLOAT }
feature { name: "workclass" type: BYTES drift_comparator { infinity_norm { threshold: 0.1 } } }
feature { name: "image" type: BYTES }
feature { name: "unknown" type: BYTES }
"""


def schema() -> schema_pb2.Schema:
    return text_format.Parse(SCHEMA, schema_pb2.Schema())


def test_tfdv_measures_texts_by_the_largest_change_of_a_share():
    other = of({**TRAIN, "workclass": ["Private", "State-gov", "State-gov", None] * 25})

    workclass = distances("drift", statistics()["train"], other, schema())["workclass"]

    assert workclass.measure == "L_INFTY"
    assert workclass.value == pytest.approx(1 / 3)
    assert workclass.limit == pytest.approx(0.1)


def test_tfdv_measures_numbers_by_their_divergence():
    age = distances("skew", statistics()["train"], statistics()["test"], schema())["age"]

    assert age.measure == "JENSEN_SHANNON_DIVERGENCE"
    assert age.value == pytest.approx(1, abs=0.01)
    assert age.limit is None


def test_the_same_data_lies_nowhere_apart():
    same = distances("drift", statistics()["train"], statistics()["train"], schema())

    assert set(same) >= {"age", "workclass"}
    assert {distance.value for distance in same.values()} == {0}


def test_what_one_side_lacks_cannot_be_compared():
    assert "workclass" not in distances(
        "skew", statistics()["train"], statistics()["test"], schema()
    )
