"""Exported models, called as clients call them."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from trainer_modules.shared.export import (
    RawFeatures,
    Signature,
    classification,
    export_model,
    regression,
)
from trainer_modules.shared.preprocessing import dense

SCHEMA = text_format.Parse(
    """
    feature { name: "age" type: INT presence { min_fraction: 1 } shape { dim { size: 1 } } }
    feature {
      name: "job" type: BYTES presence { min_fraction: 0.5 } value_count { min: 1 max: 1 }
      string_domain { name: "job" value: "Sales" value: "Farming" }
    }
    feature { name: "height" type: FLOAT value_count { min: 1 max: 1 } }
    feature { name: "weight" type: INT presence { min_fraction: 1 } shape { dim { size: 1 } } }
    feature {
      name: "rich" type: BYTES presence { min_fraction: 1 } shape { dim { size: 1 } }
      string_domain { name: "rich" value: "no" value: "yes" } not_in_environment: "SERVING"
    }
    feature {
      name: "id" type: INT presence { min_fraction: 1 } shape { dim { size: 1 } }
      not_in_environment: "SERVING"
    }
    """,
    schema_pb2.Schema(),
)
ROWS = [
    {"age": 39, "job": "Sales", "height": 1.75, "weight": 1},
    {"age": 0, "job": "Farming", "height": -0.1, "weight": 1},
    {"age": -7, "job": "Astronaut", "height": 1e-30, "weight": 1},
    {"age": 2**53 + 1, "job": None, "height": None, "weight": 1},
    {"age": 50, "job": "Sales", "height": None, "weight": 1},
    {"age": 50, "job": "a, b", "height": 1 / 3, "weight": 1},
]


def example(row: dict) -> bytes:
    features = {}
    for name, value in row.items():
        if isinstance(value, int):
            features[name] = tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))
        elif isinstance(value, float):
            features[name] = tf.train.Feature(float_list=tf.train.FloatList(value=[value]))
        elif isinstance(value, str):
            features[name] = tf.train.Feature(bytes_list=tf.train.BytesList(value=[value.encode()]))
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def line(row: dict, null: str = "?", blank: str = " ") -> str:
    fields = (null if value is None else str(value) for value in row.values())
    return f",{blank}".join(f'"{field}"' if "," in field else field for field in fields)


INPUTS = ("age", "job", "height")
"""`weight` is served, but no model reads it."""


def transform(features: dict) -> dict:
    age = tf.cast(features["age"], tf.float32) / 100
    job = tf.cast(dense(features["job"], "") == tf.constant(["Sales", "Farming"]), tf.float32)
    return {"numbers": tf.concat([age, job, dense(features["height"], 0)], axis=1)}


RAW = RawFeatures(SCHEMA, transform, INPUTS)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    folder = str(tmp_path_factory.mktemp("export") / "model")
    export_model(
        folder,
        classification(lambda features: model(features["numbers"]), ("no", "yes")),
        RAW,
        label="rich",
        track=[model],
        signatures={
            "csv": RAW.csv_signature(nulls=["?"]),
            "numbers": Signature(
                tf.TensorSpec([None, 4], tf.float32, "numbers"),
                lambda numbers: {"numbers": numbers},
            ),
        },
        slices=lambda features: {"parity": tf.strings.as_string(features["id"] % 2)},
    )
    return tf.saved_model.load(folder).signatures


def by_examples(served, rows: list[dict]) -> dict[str, np.ndarray]:
    outputs = served["serving_default"](examples=tf.constant([example(row) for row in rows]))
    return {name: tensor.numpy() for name, tensor in outputs.items()}


def by_lines(served, lines: list[str]) -> dict[str, np.ndarray]:
    outputs = served["csv"](rows=tf.constant(lines))
    return {name: tensor.numpy() for name, tensor in outputs.items()}


def test_outputs_are_those_of_a_classifier(served):
    outputs = by_examples(served, ROWS)

    assert outputs["scores"].dtype == np.float32
    assert outputs["scores"].shape == (len(ROWS), 2)
    np.testing.assert_allclose(outputs["scores"].sum(axis=1), 1, rtol=1e-6)
    assert outputs["classes"].tolist() == [[b"no", b"yes"]] * len(ROWS)
    assert len(np.unique(outputs["scores"][:, 0])) > 3


@pytest.mark.parametrize("null", ["?", ""])
@pytest.mark.parametrize("blank", ["", " "])
def test_lines_and_examples_score_the_same_to_the_bit(served, null, blank):
    rows = [row for row in ROWS if not (blank and row["job"] == "a, b")]

    lines = by_lines(served, [line(row, null, blank) for row in rows])

    examples = by_examples(served, rows)
    assert lines["scores"].tobytes() == examples["scores"].tobytes()
    assert (lines["classes"] == examples["classes"]).all()


def test_a_row_scores_the_same_alone_and_in_a_batch(served):
    together = by_lines(served, [line(row, blank="") for row in ROWS])["scores"]

    alone = [by_lines(served, [line(row, blank="")])["scores"][0] for row in ROWS]

    np.testing.assert_allclose(together, alone, rtol=1e-6)


def test_an_unknown_category_scores_like_a_missing_one(served):
    unknown, missing = (
        {"age": 50, "job": job, "height": 1.5, "weight": 1} for job in ("Astronaut", None)
    )

    scores = by_examples(served, [unknown, missing])["scores"]

    assert (scores[0] == scores[1]).all()


@pytest.mark.parametrize("signature", ["serving_default", "csv"])
def test_no_rows_give_no_scores(served, signature):
    (argument,) = served[signature].structured_input_signature[1]

    outputs = served[signature](**{argument: tf.constant([], tf.string)})

    assert outputs["scores"].shape == (0, 2)
    assert outputs["classes"].shape == (0, 2)


def test_an_example_without_a_required_number_is_refused(served):
    with pytest.raises(tf.errors.InvalidArgumentError, match="age"):
        by_examples(served, [{"job": "Sales", "height": 1.0}])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("?,Sales,1.5,1", "[Row 2, column age: a value is missing. Send one in each row.]"),
        (",Sales,1.5,1", "[Row 2, column age: a value is missing. Send one in each row.]"),
        ("old,Sales,1.5,1", "[Row 2, column age: old is not a whole number"),
        ("39.5,Sales,1.5,1", "[Row 2, column age: 39.5 is not a whole number"),
        (f"{2**63},Sales,1.5,1", "Row 2, column age: 9223372036854775808 is not"),
        ("0x1,Sales,1.5,1", "[Row 2, column age: 0x1 is not a whole number"),
        ("39,Sales,tall,1", "[Row 2, column height: tall is not a number. Send a number.]"),
        (f"39,Sales,{'x' * 1000},1", f": {'x' * 149}...{'x' * 148} is not a number."),
        ("39,Sales,1.5", "Expect 4 fields but have 3"),
        ("39,Sales,1.5,1,no", "Expect 4 fields but have 5"),
    ],
)
def test_a_wrong_line_is_refused(served, text, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=re.escape(message)):
        by_lines(served, [line(ROWS[0]), text])


@pytest.mark.parametrize(
    "text",
    [
        "39,Sales,1.75,1\n",
        "39,Sales,1.75,1\r\n",
        "39.0,Sales,1.75,1",
        "39.,Sales,1.75,1",
        "+39,Sales,+1.75,1",
        "039,Sales,175e-2,1",
        "39,Sales,1.75,",
        "39,Sales,1.75,what the model does not read",
    ],
)
def test_another_spelling_of_a_line_scores_the_same(served, text):
    expected = by_examples(served, ROWS[:1])["scores"]

    assert by_lines(served, [text])["scores"].tobytes() == expected.tobytes()


def test_an_example_without_what_the_model_does_not_read_scores_the_same(served):
    less = {name: ROWS[0][name] for name in INPUTS}

    scores = by_examples(served, [less, ROWS[0]])["scores"]

    assert (scores[0] == scores[1]).all()


def test_any_tensor_may_have_a_signature(served):
    numbers = np.float32([[0.39, 1, 0, 1.75], [0, 0, 1, -0.1]])

    scores = served["numbers"](numbers=tf.constant(numbers))["scores"].numpy()

    np.testing.assert_allclose(scores, by_examples(served, ROWS[:2])["scores"], rtol=1e-6)


def test_slices_are_derived_from_what_serving_lacks(served):
    examples = tf.constant([example({**ROWS[0], "id": number}) for number in (1, 2, 3)])

    assert served["slices"](examples=examples)["parity"].numpy().tolist() == [
        [b"1"],
        [b"0"],
        [b"1"],
    ]


@pytest.mark.parametrize("rows", [3, 0])
def test_a_regression_returns_a_number_per_row(tmp_path, rows):
    """The signature for CSV rows is missing, since it was not given."""
    export_model(
        str(tmp_path / "model"),
        regression(lambda features: 2 * features["numbers"][:, 0]),
        RAW,
        label="rich",
        track=[],
    )

    served = tf.saved_model.load(str(tmp_path / "model")).signatures
    assert set(served) == {"serving_default"}
    predictions = served["serving_default"](
        examples=tf.constant([example(row) for row in ROWS[:rows]], tf.string)
    )["predictions"].numpy()
    assert predictions.dtype == np.float32
    np.testing.assert_allclose(predictions, np.float32([0.78, 0, -0.14])[:rows], rtol=1e-6)
