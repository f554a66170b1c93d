"""The syntax of numbers, which is the same for both parsers."""

import random
import re
from dataclasses import replace

import numpy as np
import pytest
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from components.csv_example_gen.format import CsvFormat, format_of
from tests.components.csv_example_gen.people import LINE, refusal, rows, write

NUMBERS = CsvFormat(columns={"n": "int", "x": "float"})
SCALED = CsvFormat(columns={"price": "float"}, required=("price",), scale={"price": 1e-5})


def test_numbers_may_have_a_plus_sign(tmp_path):
    file = write(tmp_path, f"{LINE}\n +2174 , Sales, +1.5, no\n")

    assert rows(file)[1] == {"age": 2174, "job": "Sales", "height": 1.5, "rich": "no"}


def test_what_looks_hexadecimal_is_a_text_in_a_column_of_texts(tmp_path):
    assert rows(write(tmp_path, "39, 0x1 ,?,no.\n")) == [
        {"age": 39, "job": "0x1", "height": None, "rich": "no"}
    ]


@pytest.mark.parametrize("other", ["1,1", "+1,1"], ids=["fast", "exact"])
@pytest.mark.parametrize("column", ["n", "x"])
def test_reading_agrees_with_the_definition_of_numbers(tmp_path, column, other):
    syntax = {"n": r"[+-]?[0-9]+", "x": r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"}
    random_state = random.Random(0)
    read = 0
    for _ in range(300):
        value = "".join(random_state.choices("0123456789+-.eE xX_\t\f\uff12", k=5))
        value = value[: random_state.randint(1, 5)]
        line = f"{value},1" if column == "n" else f"1,{value}"
        file = write(tmp_path, f"{other}\n{line}\n")
        number = value.strip(" \t")
        if number and not re.fullmatch(syntax[column], number):
            assert f"FILE, line 2, column '{column}': " in refusal(file, NUMBERS)
        elif number and not np.isfinite(np.float32(number)):
            assert "is not a finite number" in refusal(file, NUMBERS)
        else:
            expected = None if not number else int(number) if column == "n" else np.float32(number)
            assert rows(file, NUMBERS)[1][column] == expected
            read += bool(number)
    assert read > 20


def test_integers_may_begin_with_many_zeros(tmp_path):
    csv = CsvFormat(columns={"n": "int"}, values={"n": ("0", "1")})
    zeros = "0" * 5_000

    assert [row["n"] for row in rows(write(tmp_path, f"{zeros}1\n+{zeros}\n"), csv)] == [1, 0]
    assert "line 2, column 'n': '2' is not" in refusal(write(tmp_path, f"{zeros}1\n2\n"), csv)


@pytest.mark.parametrize("sign", ["", "+"], ids=["fast", "exact"])
def test_a_scaled_column_is_multiplied_in_double_precision(tmp_path, sign):
    prices = ["452600.0", "358500", "1e40", "14999.99"]
    file = write(tmp_path, "".join(f"{sign}{price}\n" for price in prices))

    assert [row["price"] for row in rows(file, SCALED)] == [
        float(np.float32(float(price) * 1e-5)) for price in prices
    ]


@pytest.mark.parametrize("value", ["1e300", "1e400", "nan"])
def test_a_scaled_value_has_to_be_finite(tmp_path, value):
    file = write(tmp_path, f"1\n{value}\n")

    assert refusal(file, SCALED) == (
        f"FILE, line 2, column 'price': '{value}' is not a finite number. Fix or remove the line."
    )
    large = replace(SCALED, scale={"price": 1e10})
    assert "'1e30' is not a finite number" in refusal(write(tmp_path, "1e30\n"), large)


def test_an_integer_label_has_the_values_of_its_domain(tmp_path):
    schema = text_format.Parse(
        'feature { name: "x" type: FLOAT } feature { name: "y" type: INT bool_domain {} }',
        schema_pb2.Schema(),
    )
    csv = CsvFormat(**format_of(schema, "y", {}))

    assert [row["y"] for row in rows(write(tmp_path, "1,0\n2,+1\n3, 01\n4,\n"), csv)] == [
        0,
        1,
        1,
        None,
    ]
    assert refusal(write(tmp_path, "1,0\n2,2\n"), csv) == (
        "FILE, line 2, column 'y': '2' is not one of its values (0, 1). Fix or remove the line."
    )
