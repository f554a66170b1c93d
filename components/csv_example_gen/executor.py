"""Executor of the CSV ExampleGen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.csv_example_gen.encoder import encode
from components.csv_example_gen.format import CsvFormat
from components.csv_example_gen.reader import count_rows, read_batches
from components.example_gen.executor import StreamingExecutor
from components.example_gen.partition import Batch


class CsvExecutor(StreamingExecutor):
    """Parses and joins with Arrow. Python handles rows only, never single values."""

    def read(self, files: Sequence[str], options: Mapping[str, Any]) -> Iterator[Batch]:
        """Reads rows. `options["csv"]` contains the fields of `CsvFormat`."""
        csv = CsvFormat(**options["csv"])
        for file in files:
            for batch in read_batches(file, csv):
                yield Batch(encode(batch))

    def count(self, files: Sequence[str], options: Mapping[str, Any]) -> int:
        """Counts the rows without parsing them."""
        csv = CsvFormat(**options["csv"])
        return sum(count_rows(file, csv) for file in files)
