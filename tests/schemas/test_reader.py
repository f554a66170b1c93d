"""Reading curated schemas."""

import pytest
from google.protobuf import text_format

from schemas.reader import domain, read_schema

TEXT = """
feature { name: "job" type: BYTES string_domain { name: "job" value: "Sales" value: "Farming" } }
feature { name: "age" type: INT int_domain { min: 16 max: 100 } }
"""


@pytest.fixture
def schema(tmp_path):
    file = tmp_path / "people.pbtxt"
    file.write_text(TEXT)
    return read_schema(file)


def test_a_domain_keeps_its_order(schema):
    assert domain(schema, "job") == ("Sales", "Farming")


@pytest.mark.parametrize("name", ["age", "height"])
def test_what_has_no_string_domain_is_named(schema, name):
    with pytest.raises(KeyError, match=name):
        domain(schema, name)


def test_what_is_no_schema_is_refused(tmp_path):
    (tmp_path / "wrong.pbtxt").write_text("feature { nam: 1 }")

    with pytest.raises(text_format.ParseError, match="nam"):
        read_schema(tmp_path / "wrong.pbtxt")
