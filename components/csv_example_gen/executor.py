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
    """Arrow parses and joins; Python touches no single value, only whole rows."""

    def read(self, files: Sequence[str], options: Mapping[str, Any]) -> Iterator[Batch]:
        """See the base class; `options["csv"]` holds the fields of `CsvFormat`."""
        csv = CsvFormat(**options["csv"])
        for file in files:
            for batch in read_batches(file, csv):
                yield Batch(encode(batch))

    def count(self, files: Sequence[str], options: Mapping[str, Any]) -> int:
        """See the base class; parses nothing."""
        csv = CsvFormat(**options["csv"])
        return sum(count_rows(file, csv) for file in files)
