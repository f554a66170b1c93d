"""Messages about invalid CSV files."""

import gzip
from dataclasses import replace

import pytest

from components.csv_example_gen import blocks
from components.csv_example_gen.format import CsvFormat
from components.csv_example_gen.reader import count_rows, read_batches
from components.errors import UserError
from tests.components.csv_example_gen.people import LINE, NAMED, PEOPLE, refusal, rows, write

TEXTS = CsvFormat(columns={"id": "int", "text": "string"}, required=("id",))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0x1", "'0x1'"),
        ("0X1f", "'0X1f'"),
        ("1_0", "'1_0'"),
        ("\uff12", r"'\uff12'"),
        ("\f39", r"'\x0c39'"),
        ("+ 39", "'+ 39'"),
        ("++39", "'++39'"),
        ("+-39", "'+-39'"),
        ("9223372036854775808", "'9223372036854775808'"),
    ],
)
def test_a_wrong_integer_is_named(tmp_path, value, shown):
    file = write(tmp_path, f"|c\n{LINE}\n{value},Sales,1.75,no\n")

    assert refusal(file) == (
        f"FILE, line 3, column 'age': {shown} is not an integer. Fix or remove the line."
    )


@pytest.mark.parametrize("value", ["0x1p3", "1_0.5", "\uff12.5", "\f1.5", "1,5", "1e", "infinity"])
def test_a_wrong_float_is_named(tmp_path, value):
    file = write(tmp_path, f'{LINE}\n39,Sales,"{value}",no\n')

    assert refusal(file).startswith("FILE, line 2, column 'height': ")


def test_bytes_that_are_not_utf8_are_named_where_columns_are_texts(tmp_path):
    file = write(tmp_path, b"39,Sales\xff,1.75,no\n" + LINE.encode() + b"\n\xff,a\n")

    assert refusal(file) == (
        "2 problems:\n"
        r"  FILE, line 1, column 'job': 'Sales\ufffd' is not UTF-8. Save the file as UTF-8."
        "\n  FILE, line 3 has 2 fields instead of 4. Fix or remove the line."
    )


def test_all_problems_are_reported_in_the_order_of_the_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 64)
    lines = [LINE] * 40
    lines[5] = "old,Sales,tall,maybe"
    lines[6] = "39,Sales"
    lines[30] = ",Sales,1.75,no"

    assert refusal(write(tmp_path, "\n".join(lines))).splitlines() == [
        "5 problems:",
        "  FILE, line 6, column 'age': 'old' is not an integer. Fix or remove the line.",
        "  FILE, line 6, column 'height': 'tall' is not a finite number. Fix or remove the line.",
        "  FILE, line 6, column 'rich': 'maybe' is not one of its values (no, yes). "
        "Fix or remove the line.",
        "  FILE, line 7 has 2 fields instead of 4. Fix or remove the line.",
        "  FILE, line 31, column 'age': the value is missing. Fix or remove the line.",
    ]


def test_at_most_twenty_problems_are_reported(tmp_path):
    message = refusal(write(tmp_path, "old,Sales,1.75,no\n" * 100_000))

    assert message.startswith("The first 20 problems:\n  FILE, line 1, column 'age'")
    assert message.count("\n") == 20


def test_problems_are_reported_with_what_ends_the_file_early(tmp_path):
    file = write(tmp_path, f'old,Sales,1.75,no\n{LINE}\n39,"Sales,1.75,no\n{LINE}\n')

    assert refusal(file).splitlines()[1:] == [
        "  FILE, line 1, column 'age': 'old' is not an integer. Fix or remove the line.",
        "  FILE, line 3: A quote is not closed. Close or remove it.",
    ]


def test_no_row_is_yielded_after_a_wrong_one(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 64)
    file = write(tmp_path, f"{LINE}\n" * 9 + "old,Sales,1.75,no\n" + f"{LINE}\n" * 90)

    batches = read_batches(file, PEOPLE)
    count = 0
    with pytest.raises(UserError):
        for batch in batches:
            count += len(batch)
    assert 0 < count < 10


@pytest.mark.parametrize(
    ("separator", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")]
)
@pytest.mark.parametrize("csv", [PEOPLE, NAMED], ids=["no header", "header"])
def test_another_separator_is_named(tmp_path, separator, name, csv):
    header = "age,job,height,rich\n" if csv.header else ""
    content = (header + f"{LINE}\n" * 30).replace(",", separator)

    assert refusal(write(tmp_path, content), csv) == (
        f"FILE, line 1: The fields are separated by {name}. Save the file with commas."
    )


@pytest.mark.parametrize(
    "header", ["age,job,height,rich", '"Age", Job, Height, income', "age,job,rich"]
)
def test_a_header_where_none_belongs_is_named(tmp_path, header):
    file = write(tmp_path, f"|c\n{header}\n{LINE}\n")

    assert refusal(file) == "FILE, line 2 looks like a header, not a row. Remove the line."


def test_a_long_field_is_reported_on_its_line_only_where_it_is_wrong(tmp_path):
    long = "x" * 200_000
    file = write(tmp_path, f"1,a\n2,{long}\n3,b\n{long},c\n")

    assert refusal(file, TEXTS) == (
        f"FILE, line 4, column 'id': '{'x' * 147}...{'x' * 148}' is not an integer. "
        "Fix or remove the line."
    )
    assert rows(write(tmp_path, f"1,a\n2,{long}\n"), TEXTS)[1] == {"id": 2, "text": long}


@pytest.mark.parametrize("name", ["adult.data", "adult.csv.gz"])
def test_a_folder_in_place_of_the_file_is_named(tmp_path, name):
    (tmp_path / name).mkdir()

    for read in (rows, lambda file: count_rows(file, PEOPLE)):
        with pytest.raises(UserError, match=rf"{name} is a folder, not a CSV file\. Put"):
            read(tmp_path / name)


def test_a_missing_file_is_named(tmp_path):
    assert refusal(tmp_path / "adult.data") == "FILE does not exist. Check the path."


def test_an_empty_gz_is_refused(tmp_path):
    file = tmp_path / "people.csv.gz"
    file.write_bytes(b"")

    assert refusal(file) == "FILE is empty. Give a file with rows."


@pytest.mark.parametrize("rest", [b"\x1f", b"\x1f\x8b\x08\x00\x00", b"garbage"])
def test_a_damaged_second_part_of_a_gz_is_refused(tmp_path, rest):
    file = tmp_path / "people.csv.gz"
    file.write_bytes(gzip.compress(f"{LINE}\n".encode() * 3) + rest)

    assert refusal(file).startswith("FILE is a damaged gzip file (")


@pytest.mark.parametrize("csv", [PEOPLE, replace(PEOPLE, header=True)], ids=["no header", "header"])
def test_many_comments_are_refused_at_once(tmp_path, csv):
    file = write(tmp_path, "|\n" * 40_000_000, "people.csv.gz")

    assert refusal(file, csv) == (
        "FILE begins with more than 1,048,576 bytes of comments ('|'). Remove them."
    )


def test_names_and_values_of_100_000_characters_are_shortened(tmp_path):
    long = "x" * 100_000
    many = replace(PEOPLE, columns={f"c{n}": "int" for n in range(10_000)}, header=True)

    assert len(refusal(write(tmp_path, f"39,{long},1.75,{long}\n"))) < 500
    assert len(refusal(write(tmp_path, f"{'3' * 100_000},Sales,1.75,no\n"))) < 500
    assert len(refusal(write(tmp_path, f"age,{long},height,rich\n"), NAMED)) < 800
    assert len(refusal(write(tmp_path, "1,2\n"), many)) < 800
