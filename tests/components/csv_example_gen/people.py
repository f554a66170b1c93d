"""A CSV format with all options, and files in that format."""

import gzip
from pathlib import Path

import pytest

from components.csv_example_gen.format import CsvFormat
from components.csv_example_gen.reader import read_batches
from components.errors import UserError

PEOPLE = CsvFormat(
    columns={"age": "int", "job": "string", "height": "float", "rich": "string"},
    required=("age", "rich"),
    values={"rich": ("no", "yes")},
    null_values=("?",),
    comment="|",
    strip_suffix={"rich": "."},
)
NAMED = CsvFormat(columns=PEOPLE.columns, required=("age",), header=True)
LINE = "39,Sales,1.75,no"


def write(folder: Path, content: str | bytes, name: str = "people.csv") -> Path:
    content = content.encode() if isinstance(content, str) else content
    file = folder / name
    file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return file


def rows(file: Path, csv: CsvFormat = PEOPLE) -> list[dict]:
    return [row for batch in read_batches(file, csv) for row in batch.to_pylist()]


def refusal(file: Path, csv: CsvFormat = PEOPLE) -> str:
    with pytest.raises(UserError) as raised:
        rows(file, csv)
    message = str(raised.value)
    assert str(file) in message
    assert message[-1] == "."
    return message.replace(str(file), "FILE")
