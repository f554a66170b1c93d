"""Streams a CSV file as Arrow record batches of typed, trimmed, checked columns."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from components.csv_example_gen.diagnosis import diagnose, leading_comments, open_text
from components.csv_example_gen.format import CsvFormat
from components.errors import UserError

BLOCK_BYTES = 1 << 20
"""Arrow parses this much at a time, and holds some forty times as much; no line may be longer."""

_ARROW_TYPES = {"int": pa.int64(), "float": pa.float32(), "string": pa.string()}
_FAILURES = (pa.ArrowInvalid, OSError, EOFError, zlib.error, ValueError)


def read_batches(file: str | Path, csv: CsvFormat) -> Iterator[pa.RecordBatch]:
    """Yields the rows of a plain or gzipped (`.gz`) CSV file.

    Args:
        file: The file.
        csv: What it must look like.

    Yields:
        Batches with the columns of `csv`: int64, float32 or string; null where there is no value.

    Raises:
        UserError: The file does not look like that; names file, line, column and remedy.
    """
    try:
        for batch in _open(str(file), csv):
            yield _clean(batch, csv)
    except _FAILURES as error:
        raise _explained(file, csv, error) from error


def count_rows(file: str | Path, csv: CsvFormat) -> int:
    """Counts the rows that `read_batches` yields, without parsing them where nothing is in quotes.

    Raises:
        UserError: As `read_batches`, if the file cannot be decompressed; what is in its rows is
            left to `read_batches`.
    """
    lines, in_line = 0, False
    try:
        with pa.input_stream(str(file)) as stream:
            block = stream.read(BLOCK_BYTES).removeprefix(codecs.BOM_UTF8)
            while block:
                if b'"' in block:  # which may enclose ends of lines
                    return sum(batch.num_rows for batch in read_batches(file, csv))
                # As Arrow does, takes \n, \r and \r\n for ends of lines, and skips empty lines.
                parts = block.splitlines()
                lines += sum(map(bool, parts)) - (in_line and parts[0] != b"")
                in_line = block[-1:] not in b"\r\n"
                block = stream.read(BLOCK_BYTES)
        return lines - _comments(file, csv) - csv.header
    except _FAILURES as error:
        raise _explained(file, csv, error) from error


def _explained(file: str | Path, csv: CsvFormat, error: Exception) -> UserError:
    """Arrow stops at once but does not always know the line: looks for it, slowly."""
    return diagnose(Path(file), csv, BLOCK_BYTES) or UserError(
        f"{file} cannot be read as CSV: {str(error).splitlines()[0]}."
    )


def _comments(file: str | Path, csv: CsvFormat) -> int:
    with open_text(Path(file)) as lines:
        return leading_comments(lines, csv, BLOCK_BYTES)


def _open(file: str, csv: CsvFormat) -> pa.csv.CSVStreamingReader:
    # Arrow's number converters skip blanks but its null check does not.
    nulls = ["".join(parts) for parts in product(("", " "), ("", *csv.null_values), ("", " "))]
    names = list(csv.columns)
    opened = pa.csv.open_csv(
        pa.input_stream(file),
        read_options=pa.csv.ReadOptions(
            block_size=BLOCK_BYTES,
            skip_rows=_comments(file, csv),
            column_names=None if csv.header else names,
        ),
        convert_options=pa.csv.ConvertOptions(
            column_types={name: _arrow_type(name, csv) for name in names},
            null_values=nulls,
        ),
    )
    if sorted(opened.schema.names) != sorted(names):
        raise ValueError(f"the columns are {', '.join(opened.schema.names)}")
    return opened


def _arrow_type(name: str, csv: CsvFormat) -> pa.DataType:
    return pa.float64() if name in csv.map_values else _ARROW_TYPES[csv.columns[name]]


def _clean(batch: pa.RecordBatch, csv: CsvFormat) -> pa.RecordBatch:
    """Trims strings, turns null markers into nulls and refuses what `csv` does not allow.

    Raises:
        ValueError: A value is not allowed; `diagnose` finds out which.
    """
    columns = []
    for name, kind in csv.columns.items():
        column = batch.column(name)
        if name in csv.map_values:
            column = _names(column, csv.map_values[name])
        elif kind == "string":
            column = pc.utf8_trim_whitespace(column)
            if suffix := csv.strip_suffix.get(name):
                column = pc.replace_substring_regex(column, f"{_quote(suffix)}$", "")
            missing = pc.is_in(column, pa.array(["", *csv.null_values]))
            column = pc.if_else(missing, None, column)
        elif kind == "float" and not _all(pc.is_finite(column)):
            raise ValueError(f"{name}: not finite")
        if name in csv.required and column.null_count:
            raise ValueError(f"{name}: missing")
        if name in csv.values and not _all(
            pc.is_in(pc.drop_null(column), pa.array(csv.values[name]))
        ):
            raise ValueError(f"{name}: not in its domain")
        columns.append(column)
    return pa.record_batch(columns, names=list(csv.columns))


def _names(column: pa.DoubleArray, names: dict[str, str]) -> pa.StringArray:
    """Turns numbers into what they stand for; refuses others as `_clean` does."""
    numbers = pa.array([float(number) for number in names])
    # Arrow looks numbers up by their bits, and -0 has others than 0.
    indices = pc.index_in(pc.add(column, 0.0), numbers)
    if indices.null_count > column.null_count:
        raise ValueError("an unknown number")
    return pa.array(list(names.values())).take(indices)


def _all(flags: pa.BooleanArray) -> bool:
    return pc.all(flags, min_count=0).as_py()


def _quote(text: str) -> str:
    """Quotes text for RE2; the standard library's `re.escape` would do, but is Python's dialect."""
    return r"\Q" + text + r"\E"
