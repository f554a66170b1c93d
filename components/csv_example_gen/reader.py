"""Streams a CSV file as Arrow record batches of typed, trimmed, checked columns."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa

from components.csv_example_gen.blocks import read_blocks, row_starts
from components.csv_example_gen.diagnosis import diagnose, read_header
from components.csv_example_gen.format import CsvFormat
from components.csv_example_gen.parsing import parse_rows
from components.errors import Problems


def read_batches(file: str | Path, csv: CsvFormat) -> Iterator[pa.RecordBatch]:
    """Yields the rows of a plain or gzipped (`.gz`) CSV file.

    Args:
        file: The file.
        csv: The format of the file.

    Yields:
        Batches with the columns of `csv`: int64, float32, or string; null for a missing value.

    Raises:
        UserError: The file has another format. The message lists up to 20 problems, each with
            file, line, column, value, and what to do.
    """
    return _read_ahead(_batches(Path(file), csv))


def count_rows(file: str | Path, csv: CsvFormat) -> int:
    """Counts the rows that `read_batches` yields, without parsing them.

    Raises:
        UserError: The file cannot be read to its end. `read_batches` checks the rows.
    """
    problems = Problems()
    blocks = read_blocks(Path(file), csv.comment, problems)
    rows = sum(len(row_starts(block.data)) for block in blocks if block.has_rows())
    problems.raise_if_any()
    return max(rows - csv.header, 0)


def _read_ahead(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Prepares the next batch while the caller uses one. Arrow runs without Python's lock."""
    with ThreadPoolExecutor(1) as thread:
        ahead = thread.submit(next, batches, None)
        while (batch := ahead.result()) is not None:
            ahead = thread.submit(next, batches, None)
            yield batch


def _batches(file: Path, csv: CsvFormat) -> Iterator[pa.RecordBatch]:
    problems, sound = Problems(), True
    names = None if csv.header else list(csv.columns)
    for block in read_blocks(file, csv.comment, problems):
        if names is None and block.has_rows():
            names, block = read_header(file, block, csv)
        if names is None or not block.has_rows():
            continue
        try:
            batch = parse_rows(block.data, names, csv)
        except ValueError:
            diagnose(file, block, names, csv, problems)
            sound = False
        if sound:
            yield batch
    problems.raise_if_any()
