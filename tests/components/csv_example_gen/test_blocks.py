"""Cutting CSV files into blocks, and line numbers."""

import csv as python_csv
import io
import random

import pytest

from components.csv_example_gen import blocks
from components.csv_example_gen.blocks import read_blocks, row_starts
from components.csv_example_gen.format import CsvFormat
from components.csv_example_gen.reader import count_rows
from components.errors import Problems
from tests.components.csv_example_gen.people import LINE, PEOPLE, refusal, rows, write

TEXTS = CsvFormat(columns={"a": "string", "b": "string"})


@pytest.mark.parametrize("size", [1, 40_000], ids=["small", "2 MB"])
@pytest.mark.parametrize("name", ["people.csv", "people.csv.gz"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_line_breaks_in_quotes_are_accepted_at_every_size(tmp_path, size, name, end):
    content = f'1,"Sales{end}{end}""retail"", 5""",1.75,no{end}2,6" pipe,0.5,yes{end}'
    file = write(tmp_path, content * size, name)

    assert rows(file) == size * [
        {"age": 1, "job": f'Sales{end}{end}"retail", 5"', "height": 1.75, "rich": "no"},
        {"age": 2, "job": '6" pipe', "height": 0.5, "rich": "yes"},
    ]
    assert count_rows(file, PEOPLE) == 2 * size


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_lines_are_those_of_the_file(tmp_path, monkeypatch, end):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 64)
    lines = ["|c", "|", '39,"Sales', "", 'retail",1.75,no', "", LINE, LINE, "old,Sales,1.75,no"]

    assert refusal(write(tmp_path, "\ufeff" + end.join(lines))).startswith("FILE, line 9, column")


@pytest.mark.parametrize("seed", range(50))
def test_blocks_do_not_change_the_rows(tmp_path, monkeypatch, seed):
    choice = random.Random(seed).choices
    pieces = ["a", "", " ", '""', '"x\ny"', '"a""b"', '"\r"', 'b"c', '"d"e', '"f"g"h']
    ends = ["\n", "\r\n", "\r", "\n\n"]
    content = "".join(",".join(choice(pieces, k=2)) + choice(ends)[0] for _ in range(50))
    file = write(tmp_path, content)
    expected = rows(file, TEXTS)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 32)

    assert rows(file, TEXTS) == expected
    assert count_rows(file, TEXTS) == len(expected)
    fields = [row for row in python_csv.reader(io.StringIO(content, newline="")) if row]
    stripped = [{"a": a.strip() or None, "b": b.strip() or None} for a, b in fields]
    assert expected == stripped


def test_a_comment_may_end_in_a_carriage_return(tmp_path):
    assert rows(write(tmp_path, "|x")) == []
    assert rows(write(tmp_path, "|\r2, Private, 3, no")) == [
        {"age": 2, "job": "Private", "height": 3.0, "rich": "no"}
    ]


def test_quotes_in_comments_do_not_count(tmp_path):
    assert len(rows(write(tmp_path, f'|"a\n|,"\n{LINE}\n'))) == 1


def test_many_empty_lines_are_passed_over(tmp_path):
    file = write(tmp_path, "\n" * 20_000_000 + "old,Sales,1.75,no\n", "people.csv.gz")

    assert refusal(file).startswith("FILE, line 20000001, column 'age'")
    assert count_rows(file, PEOPLE) == 1


def test_row_starts_pass_over_empty_lines():
    assert row_starts(b'\n\na\r\n\r\nb,"\n\n"\nc').tolist() == [2, 7, 14]
    assert row_starts(b"").tolist() == []


def test_blocks_hold_whole_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 100)
    file = write(tmp_path, f"{LINE}\n" * 50)

    found = list(read_blocks(file, "", Problems()))

    assert b"".join(block.data for block in found) == file.read_bytes()
    assert all(len(block.data) % (len(LINE) + 1) == 0 for block in found)
    assert [block.line for block in found[:3]] == [1, 6, 12]
