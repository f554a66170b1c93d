"""Executor of the CSV ExampleGen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import tensorflow as tf
from tfx_bsl.coders import example_coder

from components.csv_example_gen.format import CsvFormat
from components.csv_example_gen.reader import read_batches
from components.example_gen.executor import StreamingExecutor
from components.example_gen.partition import Batch


class CsvExecutor(StreamingExecutor):
    """Arrow parses, tfx_bsl encodes; Python touches no single value, only whole rows."""

    def read(self, files: Sequence[str], options: Mapping[str, Any]) -> Iterator[Batch]:
        """See the base class; `options["csv"]` holds the fields of `CsvFormat`."""
        csv = CsvFormat(**options["csv"])
        encoder = example_coder.RecordBatchToExamplesEncoder()
        for file in files:
            for batch in read_batches(file, csv):
                lists = [_as_lists(column) for column in batch.columns]
                encoded = encoder.encode(pa.record_batch(lists, names=batch.schema.names))
                yield Batch([_canonical(record) for record in encoded])


def _canonical(record: bytes) -> bytes:
    """Brings the features into one order; tfx_bsl leaves them in that of a salted hash table.

    Without it equal rows would differ in their bytes, and so in their split.
    """
    return tf.train.Example.FromString(record).SerializeToString(deterministic=True)


def _as_lists(column: pa.Array) -> pa.ListArray:
    """Wraps each value in a list, as tf.Example has it; a null becomes a null list."""
    if pa.types.is_string(column.type):
        column = column.cast(pa.binary())  # the encoder knows no text, only bytes
    offsets = np.arange(len(column) + 1, dtype=np.int32)
    if not column.null_count:
        return pa.ListArray.from_arrays(pa.array(offsets), column)
    valid = column.is_valid().to_numpy(zero_copy_only=False)
    offsets[1:] = np.cumsum(valid)
    # A null offset makes its list null.
    mask = np.append(~valid, False)
    return pa.ListArray.from_arrays(pa.array(offsets, mask=mask), column.drop_null())
