"""Reading curated schemas."""

import pytest
from google.protobuf import text_format

from schemas.reader import domain, read_schema

TEXT = """
feature { name: "job" type: BYTES string_domain { name: "job" value: "Sales" value: "Farming" } }
feature { name: "age" type: INT int_domain { min: 16 max: 100 } }
feature { name: "wife_job" type: BYTES domain: "shared" }
feature { name: "lost" type: BYTES domain: "missing" }
feature { name: "rich" type: INT bool_domain {} }
feature { name: "married" type: BYTES bool_domain {} }
feature { name: "tall" type: BYTES bool_domain { false_value: "no" true_value: "yes" } }
string_domain { name: "other" value: "A" }
string_domain { name: "shared" value: "Sales" value: "Armed" }
"""


@pytest.fixture
def schema(tmp_path):
    file = tmp_path / "people.pbtxt"
    file.write_text(TEXT)
    return read_schema(file)


def test_a_domain_keeps_its_order(schema):
    assert domain(schema, "job") == ("Sales", "Farming")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("wife_job", ("Sales", "Armed")),
        ("rich", ("0", "1")),
        ("married", ("false", "true")),
        ("tall", ("no", "yes")),
    ],
)
def test_domains_that_validation_drafts_are_understood(schema, name, values):
    assert domain(schema, name) == values


@pytest.mark.parametrize("name", ["age", "height", "lost"])
def test_what_has_no_string_domain_is_named(schema, name):
    with pytest.raises(KeyError, match=name):
        domain(schema, name)


def test_what_is_no_schema_is_refused(tmp_path):
    (tmp_path / "wrong.pbtxt").write_text("feature { nam: 1 }")

    with pytest.raises(text_format.ParseError, match="nam"):
        read_schema(tmp_path / "wrong.pbtxt")
