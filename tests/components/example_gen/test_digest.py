"""Identifying rows by their content."""

import random

from tfx.types import standard_artifacts

from components.example_gen.digest import RowsDigest, record_digest, recorded_digest

ROWS = [f"row {number}".encode() for number in range(100)]


def digest(rows) -> str:
    found = RowsDigest()
    found.add(rows)
    return found.hexdigest()


def test_the_order_of_the_rows_does_not_matter():
    shuffled = random.Random(1).sample(ROWS, len(ROWS))

    assert digest(shuffled) == digest(ROWS)


def test_other_rows_missing_rows_and_rows_that_occur_twice_matter():
    assert len({digest(ROWS), digest(ROWS[1:]), digest([*ROWS, ROWS[0]]), digest([])}) == 4


def test_batches_do_not_matter():
    found = RowsDigest()
    found.add(ROWS[:30])
    found.add(ROWS[30:])

    assert found.hexdigest() == digest(ROWS)


def test_an_artifact_keeps_the_digest():
    examples = standard_artifacts.Examples()
    found = RowsDigest()
    found.add(ROWS)
    assert recorded_digest(examples) == ""

    record_digest(examples, found)

    assert recorded_digest(examples) == found.hexdigest()
