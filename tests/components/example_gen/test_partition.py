"""Cutting rows into splits."""

import random
from itertools import accumulate

import pytest
from tfx.components.example_gen.base_example_gen_executor import _PartitionFn
from tfx.proto import example_gen_pb2

from components.example_gen.partition import Batch, Partition


def cut(records: list[bytes], buckets: dict[str, int]) -> dict[str, list[bytes]]:
    partition = Partition(list(buckets), buckets)
    return {split: list(part) for split, part in partition.cut(Batch(records))}


@pytest.fixture
def records() -> list[bytes]:
    return [random.Random(seed).randbytes(8 + seed % 50) for seed in range(2000)]


@pytest.mark.parametrize(
    "buckets", [{"train": 9, "eval": 1}, {"train": 2, "eval": 1}, {"a": 1, "b": 5, "c": 3}]
)
def test_records_go_where_tfx_sends_them(records, buckets):
    bounds, splits = list(accumulate(buckets.values())), list(buckets)
    expected = {split: [] for split in splits}
    for record in records:
        index = _PartitionFn(record, len(splits), bounds, example_gen_pb2.SplitConfig())
        expected[splits[index]].append(record)

    assert cut(records, buckets) == expected


def test_shares_are_about_those_of_the_buckets(records):
    parts = cut(records, {"train": 9, "eval": 1})

    assert 0.87 < len(parts["train"]) / 2000 < 0.93


def test_added_rows_move_no_other_row(records):
    buckets = {"train": 9, "eval": 1}

    few, more = cut(records[500:700], buckets), cut(records, buckets)

    assert few["train"] and few["eval"]
    assert set(few["train"]) <= set(more["train"])
    assert set(few["eval"]) <= set(more["eval"])


def test_duplicates_stay_together(records):
    parts = cut(records * 2, {"train": 1, "eval": 1})

    assert parts["train"] and parts["eval"]
    assert not set(parts["train"]) & set(parts["eval"])


def test_a_single_split_takes_all(records):
    ((split, part),) = Partition(["test"], {"train": 9, "eval": 1}).cut(Batch(records))

    assert (split, list(part)) == ("test", records)


def test_what_the_source_assigns_is_not_hashed(records):
    partition = Partition(["train", "eval", "test"], {"train": 1, "eval": 1})

    ((split, part),) = partition.cut(Batch(records, "test"))

    assert (split, list(part)) == ("test", records)
    assert [name for name, _ in partition.cut(Batch(records))] == ["train", "eval"]
