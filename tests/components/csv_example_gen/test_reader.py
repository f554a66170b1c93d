"""The CSV reader, on files of many kinds. Does not need TensorFlow."""

import gzip
from dataclasses import replace

import pyarrow as pa
import pytest

from components.csv_example_gen import blocks
from components.csv_example_gen.format import CsvFormat, format_of
from components.csv_example_gen.reader import count_rows, read_batches
from components.errors import UserError
from pipelines.registry import load
from schemas.reader import read_schema
from tests.components.csv_example_gen.people import (
    LINE,
    NAMED,
    PEOPLE,
    refusal,
    rows,
    write,
)

ROWS = [
    {"age": 39, "job": "Sales", "height": 1.75, "rich": "no"},
    {"age": 50, "job": None, "height": None, "rich": "yes"},
]


@pytest.mark.parametrize("name", ["people.csv", "people.csv.gz"])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param("39,Sales,1.75,no\n50,,,yes\n", id="plain"),
        pytest.param("39, Sales, 1.75, no\n50, ?, ?, yes\n", id="blanks after commas"),
        pytest.param(" 39 , Sales , 1.75 , no \n50 , ? , ? , yes\n", id="blanks on both sides"),
        pytest.param("39,Sales,1.75,no.\n50,?,?, yes.\n", id="full stop after the label"),
        pytest.param("|1x3 Cross validator\n39,Sales,1.75,no\n50,?,?,yes\n", id="comment line"),
        pytest.param("39,Sales,1.75,no\r\n50,?,?,yes\r\n", id="CRLF"),
        pytest.param("\ufeff39,Sales,1.75,no\n50,?,?,yes\n", id="BOM"),
        pytest.param("\ufeff|comment\r\n39,Sales,1.75,no\r\n50,,,yes.\r\n\r\n", id="all of these"),
        pytest.param("\n39,Sales,1.75,no\n\n50,?,?,yes\n\n\n", id="blank lines"),
        pytest.param("39,Sales,1.75,no\n50,?,?,yes", id="no newline at the end"),
        pytest.param('39,"Sales",1.75,"no"\n50,"?",?,yes\n', id="quotes"),
    ],
)
def test_quirks_make_no_difference(tmp_path, content, name):
    assert rows(write(tmp_path, content, name)) == ROWS


def test_columns_have_the_declared_types_even_if_all_values_are_missing(tmp_path):
    (batch,) = read_batches(write(tmp_path, "1,?,?,no\n"), PEOPLE)

    assert dict(zip(batch.schema.names, batch.schema.types, strict=True)) == {
        "age": pa.int64(),
        "job": pa.string(),
        "height": pa.float32(),
        "rich": pa.string(),
    }


def test_a_comma_in_quotes_does_not_split(tmp_path):
    assert rows(write(tmp_path, '39,"Sales, retail",1,no\n'))[0]["job"] == "Sales, retail"


def test_only_the_last_full_stop_of_the_label_is_cut(tmp_path):
    csv = CsvFormat(columns={"label": "string", "text": "string"}, strip_suffix={"label": "."})

    assert rows(write(tmp_path, "a.b..,c.\n"), csv) == [{"label": "a.b.", "text": "c."}]


def test_a_header_gives_the_order_of_the_columns(tmp_path):
    file = write(tmp_path, "rich,height,age,job\nno,1.75,39,Sales\nyes,,50,\n")

    assert rows(file, NAMED) == ROWS


@pytest.mark.parametrize("content", ["\n\n", "|only a comment\n"])
def test_a_file_may_hold_no_rows(tmp_path, content):
    assert rows(write(tmp_path, content)) == []


def test_a_header_may_follow_bom_and_comments(tmp_path):
    csv = CsvFormat(columns=PEOPLE.columns, header=True, comment="#")
    file = write(tmp_path, "\ufeff# made today\nage,job,height,rich\n39,Sales,1.75,no\n")

    assert rows(file, csv) == ROWS[:1]


def test_rows_that_straddle_blocks_are_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 100)
    expected = [
        {"age": age, "job": "x" * (age % 40) or None, "height": 0.5, "rich": "no"}
        for age in range(500)
    ]
    file = write(tmp_path, "".join(f"{r['age']},{r['job'] or ''},0.5,no.\n" for r in expected))

    batches = list(read_batches(file, PEOPLE))

    assert len(batches) > 50
    assert [row for batch in batches for row in batch.to_pylist()] == expected


def test_a_wrong_value_in_a_later_block_is_found_on_its_line(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 100)
    lines = ["39,Sales,1.75,no"] * 200
    lines[150] = "thirty,Sales,1.75,no"

    assert "FILE, line 151, column 'age'" in refusal(write(tmp_path, "\n".join(lines)))


@pytest.mark.parametrize("name", ["people.csv", "people.csv.gz"])
def test_memory_does_not_grow_with_the_file(tmp_path, name):
    block = "39,Adm-clerical,1.75,no\n" * 10_000
    size = 100_000_000
    file = write(tmp_path, block * (size // len(block)), name)
    before = pa.total_allocated_bytes()

    count, peak = 0, 0
    for batch in read_batches(file, PEOPLE):
        count += batch.num_rows
        peak = max(peak, pa.total_allocated_bytes() - before)

    assert count == size // len(block) * 10_000
    assert peak < 50 * blocks.BLOCK_BYTES


HEADER = "age,job,height,rich\n"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("age,job,height\n39,Sales,1.75\n", "line 1: column 'rich' is missing. The columns are"),
        (
            HEADER.replace("rich", "rich,weight") + "39,Sales,1.75,no,80\n",
            "line 1: column 'weight' is unknown. The columns are age, job, height, rich.",
        ),
        (
            HEADER.replace("job", "work") + "39,Sales,1.75,no\n",
            "line 1: column 'job' is missing, column 'work' is unknown. The columns are",
        ),
        (
            HEADER.replace("job", "age") + "39,40,1.75,no\n",
            "column 'job' is missing, a column is named twice",
        ),
        (
            HEADER.replace("job", " job") + "39,Sales,1.75,no\n",
            "line 1: column 'job' is missing, column ' job' is unknown",
        ),
        (HEADER + "39,Sales,1.75\n", "line 2 has 3 fields instead of 4"),
    ],
    ids=["missing", "extra", "renamed", "twice", "with a blank", "row"],
)
def test_a_file_with_a_wrong_header_is_refused(tmp_path, content, what):
    assert what in refusal(write(tmp_path, content), NAMED)


@pytest.mark.parametrize("name", ["people.csv", "people.csv.gz"])
@pytest.mark.parametrize(
    ("line", "what"),
    [
        pytest.param("39,Sales,1.75", " has 3 fields instead of 4. Fix", id="too few fields"),
        pytest.param("39,Sales,1.75,no,1", " has 5 fields instead of 4. Fix", id="too many"),
        pytest.param("old,Sales,1.75,no", ", column 'age': 'old' is not an integer.", id="text"),
        pytest.param("39.5,Sales,1.75,no", ", column 'age': '39.5' is not an integer.", id="39.5"),
        pytest.param(
            "9223372036854775808,Sales,1.75,no",
            ", column 'age': '9223372036854775808' is not an integer",
            id="beyond int64",
        ),
        pytest.param("39,Sales,tall,no", ", column 'height': 'tall' is not a fin", id="no float"),
        pytest.param("39,Sales,nan,no", ", column 'height': 'nan' is not a finite", id="nan"),
        pytest.param("39,Sales,-inf,no", ", column 'height': '-inf' is not a finite", id="inf"),
        pytest.param("39,Sales,1e400,no", ", column 'height': '1e400' is not a fin", id="1e400"),
        pytest.param("39,Sales,1e39,no", ", column 'height': '1e39' is not a finite", id="1e39"),
        pytest.param(
            "39,Sales,1.75,maybe",
            ", column 'rich': 'maybe' is not one of its values (no, yes). Fix",
            id="unknown label",
        ),
        pytest.param("39,Sales,1.75,?", ", column 'rich': the value is missing", id="no label"),
        pytest.param("39,Sales,1.75,", ", column 'rich': the value is missing", id="empty label"),
        pytest.param("?,Sales,1.75,no", ", column 'age': the value is missing", id="no number"),
        pytest.param('39,"Sales,1.75,no', "", id="open quote"),
        pytest.param(b"39,Caf\xe9,1.75,no", "is not UTF-8. Save the file as UTF-8.", id="latin-1"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, what, name):
    line = line.encode() if isinstance(line, str) else line
    good = b"39,Sales,1.75,no\n"
    file = write(tmp_path, b"|comment\n" + good + b"\n" + line + b"\n" + good, name)

    message = refusal(file)

    assert "FILE, line 4" in message
    assert what in message


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "is empty. Give a file with rows."),
        ("x" * 10_000_000, "line 1 is longer than 1,048,576 bytes."),
        ("39,Sales,1.75,no\n39,S" + "a" * 10_000_000 + ",1,no\n", "line 2 is longer than"),
        ("|" + "-" * 10_000_000 + "\n39,Sales,1.75,no\n", "begins with more than 1,048,576 bytes"),
        (b"\x00" * 1000, "FILE"),
        (b"PK\x03\x04" + bytes(range(256)) * 40, "FILE"),
    ],
    ids=["empty", "long", "long second", "long comment", "zeros", "binary"],
)
@pytest.mark.parametrize("name", ["people.csv", "people.csv.gz"])
def test_what_is_no_csv_is_refused(tmp_path, content, what, name):
    assert what in refusal(write(tmp_path, content, name))


@pytest.mark.parametrize("kept", [5, 0.5, -4], ids=["in its header", "in its data", "in its sum"])
def test_a_truncated_gzip_is_refused(tmp_path, kept):
    whole = gzip.compress("".join(f"{age},Sales,1.75,no\n" for age in range(50_000)).encode())
    file = tmp_path / "people.csv.gz"
    file.write_bytes(whole[: int(len(whole) * kept) if isinstance(kept, float) else kept])

    assert "is a damaged gzip file" in refusal(file)


def test_gzip_with_a_flipped_bit_is_refused(tmp_path):
    damaged = bytearray(gzip.compress(b"39,Sales,1.75,no\n" * 50_000))
    damaged[len(damaged) // 2] ^= 1
    file = tmp_path / "people.csv.gz"
    file.write_bytes(damaged)

    # The damaged bit may have made a row invalid long before the checksum fails.
    assert refusal(file)


def test_a_plain_file_named_gz_is_refused(tmp_path):
    file = tmp_path / "people.csv.gz"
    file.write_text("39,Sales,1.75,no\n")

    assert "is a damaged gzip file" in refusal(file)


NUMBERED = CsvFormat(
    columns={"label": "string", "pt": "float"},
    required=("label", "pt"),
    values={"label": ("background", "signal")},
    map_values={"label": {"0": "background", "1": "signal"}},
)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("1", "signal"),
        ("1.0", "signal"),
        (" 1 ", "signal"),
        ("1.000000000000000000e+00", "signal"),
        ("10e-1", "signal"),
        ("0", "background"),
        ("-0.0", "background"),
        ("0.000000000000000000e+00", "background"),
    ],
)
def test_numbers_become_names(tmp_path, number, name):
    file = write(tmp_path, f"{number},0.5\n1,2\n")

    assert rows(file, NUMBERED) == [{"label": name, "pt": 0.5}, {"label": "signal", "pt": 2}]


@pytest.mark.parametrize("number", ["2", "-1", "0.5", "1.0000001", "nan", "inf", "1e400", "signal"])
def test_a_number_without_a_name_is_refused(tmp_path, number):
    file = write(tmp_path, f"1,0.5\n0,0.5\n{number},0.5\n1,0.5\n")

    assert refusal(file, NUMBERED) == (
        f"FILE, line 3, column 'label': '{number}' is not one of its values (0, 1). "
        "Fix or remove the line."
    )


def test_a_missing_number_is_a_missing_value(tmp_path):
    file = write(tmp_path, "1,0.5\n,0.5\n")
    optional = replace(NUMBERED, required=("pt",))

    assert "line 2, column 'label': the value is missing" in refusal(file, NUMBERED)
    assert [row["label"] for row in rows(file, optional)] == ["signal", None]


@pytest.mark.parametrize("block", [24, 25, 64, 1 << 20])
@pytest.mark.parametrize("name", ["people.csv", "people.csv.gz"])
@pytest.mark.parametrize(
    ("content", "csv"),
    [
        pytest.param(f"{LINE}\n" * 5, PEOPLE, id="plain"),
        pytest.param(f"{LINE}\n" * 5 + LINE, PEOPLE, id="no newline at the end"),
        pytest.param(f"{LINE}\r\n" * 5, PEOPLE, id="CRLF"),
        pytest.param(f"\n\n{LINE}\n\n\n{LINE}\n\n", PEOPLE, id="empty lines"),
        pytest.param(f"\r\n{LINE}\r\n\r\n{LINE}\r\n\r\n", PEOPLE, id="empty lines, CRLF"),
        pytest.param(f"|c\n|\n{LINE}\n{LINE}\n", PEOPLE, id="comments"),
        pytest.param("|only a comment\n", PEOPLE, id="only a comment"),
        pytest.param("\n", PEOPLE, id="nothing but an empty line"),
        pytest.param(f"\ufeff|c\n{LINE}\n", PEOPLE, id="BOM before a comment"),
        pytest.param(f"\ufeff\n{LINE}\n", PEOPLE, id="BOM before an empty line"),
        pytest.param(f"age,job,height,rich\n{LINE}\n{LINE}", NAMED, id="header"),
        pytest.param("age,job,height,rich\n", NAMED, id="only a header"),
    ],
)
def test_rows_are_counted_as_they_are_read(tmp_path, monkeypatch, content, csv, name, block):
    file = write(tmp_path, content, name)
    expected = len(rows(file, csv))
    monkeypatch.setattr(blocks, "BLOCK_BYTES", block)

    assert count_rows(file, csv) == expected


def test_an_end_of_line_in_quotes_is_not_counted(tmp_path):
    file = write(tmp_path, f'{LINE}\n39,"Sales,\n\nretail",1,no\n{LINE}\n')

    assert count_rows(file, PEOPLE) == len(rows(file)) == 3


@pytest.mark.parametrize("kept", [5, 0.5, -4], ids=["in its header", "in its data", "in its sum"])
def test_counting_a_truncated_gzip_fails_as_reading_does(tmp_path, kept):
    whole = gzip.compress("".join(f"{age},Sales,1.75,no\n" for age in range(50_000)).encode())
    file = tmp_path / "people.csv.gz"
    file.write_bytes(whole[: int(len(whole) * kept) if isinstance(kept, float) else kept])

    with pytest.raises(UserError) as raised:
        count_rows(file, PEOPLE)

    assert str(raised.value).replace(str(file), "FILE") == refusal(file)


def test_several_gzip_members_are_read_as_one_file(tmp_path):
    file = tmp_path / "people.csv.gz"
    file.write_bytes(gzip.compress(b"39,Sales,1.75,no\n") + gzip.compress(b"50,?,?,yes\n"))

    assert rows(file) == ROWS
    assert count_rows(file, PEOPLE) == 2


def test_the_format_follows_the_schema():
    spec = load("census")

    csv = CsvFormat(
        **format_of(read_schema(spec.schema_file), spec.label, spec.source.options["csv"])
    )

    assert list(csv.columns)[:3] == ["age", "workclass", "fnlwgt"]
    assert csv.columns["age"] == "int"
    assert csv.columns["workclass"] == "string"
    assert set(csv.columns) - set(csv.required) == {"workclass", "occupation", "native_country"}
    assert csv.values == {"income_bracket": ["<=50K", ">50K"]}
    assert csv.null_values == ["?"]


def test_the_census_sample_is_read_whole(tmp_path):
    spec = load("census")
    spec.source.sample(tmp_path / "census")
    schema = read_schema(spec.schema_file)
    csv = CsvFormat(**format_of(schema, spec.label, spec.source.options["csv"]))

    test = rows(tmp_path / "census" / "adult.test", csv)

    lines = (tmp_path / "census" / "adult.test").read_text().splitlines()[1:]
    assert len(test) == sum(bool(line) for line in lines)
    assert {row["income_bracket"] for row in test} == {"<=50K", ">50K"}
    assert "?" not in {value for row in test for value in row.values()}
    assert None in {row["workclass"] for row in test}
