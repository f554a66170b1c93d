"""Encoding values as tf.Examples."""

import tensorflow as tf

from components.example_gen.examples import serialize_example


def test_each_kind_of_value_is_stored_as_its_type():
    values = {"count": 3, "share": 0.5, "text": "é", "raw": b"\xff", "missing": None}

    features = tf.train.Example.FromString(serialize_example(values)).features.feature

    assert list(features["count"].int64_list.value) == [3]
    assert list(features["share"].float_list.value) == [0.5]
    assert list(features["text"].bytes_list.value) == ["é".encode()]
    assert list(features["raw"].bytes_list.value) == [b"\xff"]
    assert features["missing"].WhichOneof("kind") is None


def test_the_order_of_the_values_does_not_matter():
    assert serialize_example({"a": 1, "b": "x"}) == serialize_example({"b": "x", "a": 1})
