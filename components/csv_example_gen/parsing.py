"""Parses blocks of CSV rows with Arrow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import pyarrow as pa
import pyarrow.csv

from components.csv_example_gen.columns import arrow_type, clean, parse_texts
from components.csv_example_gen.format import CsvFormat


def parse_rows(data: bytes, names: Sequence[str], csv: CsvFormat) -> pa.RecordBatch:
    """Parses complete rows with Arrow's number parsers or, where they fail, with `parse_texts`.

    Args:
        data: The bytes of at least one row.
        names: The columns in file order.
        csv: The format of the rows.

    Returns:
        The columns of `csv`.

    Raises:
        ValueError: A row cannot be parsed. `diagnose` finds out why.
    """
    if not ("int" in csv.columns.values() and _may_have_hexadecimals(data)):
        try:
            return _parse_fast(data, names, csv)
        except ValueError:
            pass
    return _parse_exactly(data, names, csv)


def split_rows(
    data: bytes,
    names: Sequence[str] | None,
    on_misfit: Callable[[Any], str] | None = None,
) -> pa.RecordBatch:
    """Splits rows into texts.

    Args:
        data: The bytes of at least one row.
        names: The columns in file order. None takes them from the first row.
        on_misfit: Called with each `InvalidRow`, which has the wrong number of fields. It returns
            "skip".

    Raises:
        ValueError: A text is not UTF-8, or a row has the wrong number of fields.
    """
    return _read(
        data,
        names,
        pa.csv.ConvertOptions(column_types=dict.fromkeys(names or (), pa.string())),
        pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=on_misfit),
    )


def _parse_fast(data: bytes, names: Sequence[str], csv: CsvFormat) -> pa.RecordBatch:
    # Arrow's number parsers skip blanks, but its null check does not.
    nulls = ["".join(parts) for parts in product(("", " "), ("", *csv.null_values), ("", " "))]
    types = {name: arrow_type(name, csv) for name in names}
    batch = _read(
        data,
        names,
        pa.csv.ConvertOptions(column_types=types, null_values=nulls),
        pa.csv.ParseOptions(newlines_in_values=b'"' in data),
    )
    return pa.record_batch({name: clean(batch.column(name), name, csv) for name in csv.columns})


def _parse_exactly(data: bytes, names: Sequence[str], csv: CsvFormat) -> pa.RecordBatch:
    texts = split_rows(data, names)
    return pa.record_batch(
        {name: parse_texts(texts.column(name), name, csv) for name in csv.columns}
    )


def _read(
    data: bytes,
    names: Sequence[str] | None,
    convert: pa.csv.ConvertOptions,
    parse: pa.csv.ParseOptions,
) -> pa.RecordBatch:
    """Reads all data as one batch."""
    table = pa.csv.read_csv(
        pa.BufferReader(data),
        # If a thread of Arrow's releases Python's bytes after the interpreter has finished, the
        # process aborts. Threads are also slower: 0.42 s instead of 0.34 s for 150 MB of HIGGS.
        read_options=pa.csv.ReadOptions(
            block_size=len(data), column_names=names, use_threads=False
        ),
        parse_options=parse,
        convert_options=convert,
    )
    if not len(table):
        return pa.RecordBatch.from_pylist([], table.schema)
    (batch,) = table.to_batches()
    return batch


def _may_have_hexadecimals(data: bytes) -> bool:
    """Returns whether Arrow could read a field such as 0x1 as an integer.

    The search for a single character comes first, because it is ten times as fast.
    """
    return any(x in data and b"0" + x in data for x in (b"x", b"X"))
