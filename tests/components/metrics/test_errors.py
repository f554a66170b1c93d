import base64
import json
import random

import pytest

from components.metrics import ERRORS
from components.metrics.errors import ROWS, MostConfidentErrors
from tests.components.metrics.harness import compute, element

CLASSES = ["neg", "pos"]


def _errors(elements, **options):
    return json.loads(compute(MostConfidentErrors(ERRORS, ["text", "stars"]), elements, **options))


def _row(label, score, text=b"fine", stars=3):
    return element(label, CLASSES, [1 - score, score], text=text, stars=stars)


@pytest.mark.parametrize("parts", [1, 4])
def test_the_most_confident_errors_are_kept_in_order(parts):
    wrong = [_row("neg", 0.5 + number / 100, stars=number) for number in range(1, 40)]
    right = [_row("pos", 0.99, stars=-1)] * 30
    elements = wrong + right
    random.Random(0).shuffle(elements)

    errors = _errors(elements, parts=parts)

    assert [row["features"]["stars"] for row in errors] == list(range(39, 39 - ROWS, -1))
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
