import base64
import json
import random

import pytest

from components.metrics import WORST_ROWS
from components.metrics.worst_rows import MAX_ROWS, LargestErrors, MostConfidentErrors
from tests.components.metrics.harness import compute, element, regression_element

CLASSES = ["neg", "pos"]


def _errors(elements, **options):
    metric = MostConfidentErrors(WORST_ROWS, ["text", "stars"])
    return json.loads(compute(metric, elements, **options))


def _row(label, score, text=b"fine", stars=3):
    return element(label, CLASSES, [1 - score, score], text=text, stars=stars)


@pytest.mark.parametrize("parts", [1, 4])
def test_the_most_confident_errors_are_kept_in_order(parts):
    wrong = [_row("neg", 0.5 + number / 100, stars=number) for number in range(1, 40)]
    right = [_row("pos", 0.99, stars=-1)] * 30
    elements = wrong + right
    random.Random(0).shuffle(elements)

    errors = _errors(elements, parts=parts)

    assert [row["features"]["stars"] for row in errors] == list(range(39, 39 - MAX_ROWS, -1))
    assert {(row["label"], row["predicted"]) for row in errors} == {("neg", "pos")}
    assert errors[0]["score"] == pytest.approx(0.89)


def test_bytes_survive_whatever_they_are():
    (error,) = _errors([_row("pos", 0.1, text=b"\x00\xff<b>")])

    assert base64.b64decode(error["features"]["text"]["bytes"]) == b"\x00\xff<b>"


def test_a_tie_is_broken_the_same_way_in_any_order():
    elements = [_row("pos", 0.1, stars=number) for number in range(50)]

    assert _errors(elements) == _errors(elements[::-1])


def test_no_errors_are_an_empty_list():
    assert _errors([_row("pos", 0.9)]) == []


def test_a_label_that_is_a_number_is_compared_by_its_name():
    elements = [element(1, ["0", "1"], [0.2, 0.8], text=b"right", stars=1)]
    elements += [element(0, ["0", "1"], [0.2, 0.8], text=b"wrong", stars=2)]

    (error,) = _errors(elements)

    assert (error["label"], error["predicted"], error["features"]["stars"]) == ("0", "1", 2)


def _largest(elements, **options):
    return json.loads(compute(LargestErrors(WORST_ROWS, ["id"]), elements, **options))


@pytest.mark.parametrize("parts", [1, 4])
def test_the_largest_errors_of_either_sign_are_kept_in_order(parts):
    elements = [regression_element(100.0, 100.0 + (-1) ** n * n, id=n) for n in range(40)]
    random.Random(0).shuffle(elements)

    errors = _largest(elements, parts=parts)

    assert [row["features"]["id"] for row in errors] == list(range(39, 39 - MAX_ROWS, -1))
    assert errors[0] == {"label": 100.0, "predicted": 61.0, "features": {"id": 39}}


def test_a_prediction_that_is_not_a_number_is_the_worst():
    elements = [regression_element(1.0, predicted, id=1) for predicted in (float("nan"), 99.0)]

    assert [row["predicted"] for row in _largest(elements)] == [None, 99.0]


def test_a_missing_feature_is_null():
    (error,) = _largest([regression_element(1.0, 2.0, id=float("nan"))])

    assert error["features"] == {"id": None}
