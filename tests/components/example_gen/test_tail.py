"""The last rows as a split."""

import pytest

from components.example_gen.partition import Batch
from components.example_gen.tail import Tail

TAIL = Tail("test", share=0.2, official_rows=50, official_tail=5)


def test_the_official_data_set_has_its_official_test_set():
    assert TAIL.size(50) == 5
    assert TAIL.size(49) == 10


@pytest.mark.parametrize("batch_size", [1, 7, 10, 100])
def test_the_last_rows_in_order_are_the_tail(batch_size):
    rows = [bytes([number]) for number in range(30)]
    batches = [Batch(rows[i : i + batch_size]) for i in range(0, 30, batch_size)]

    cut = list(TAIL.cut(batches, 30))

    assert [row for batch in cut if batch.split is None for row in batch.records] == rows[:24]
    assert [row for batch in cut if batch.split == "test" for row in batch.records] == rows[24:]
    assert all(batch.records for batch in cut)
