"""Serializes the rows of Arrow record batches as tf.Examples, column by column.

A serialized tf.Features is the concatenation of its serialized features. So each column is
serialized on its own, and Arrow joins the columns row by row. This takes half as long as tfx_bsl's
encoder. That one also orders features by a salted hash, so equal rows would differ in their bytes
and might be in different splits.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf import wrappers_pb2

from components.example_gen.examples import Value, encode_features


def encode(batch: pa.RecordBatch) -> list[bytes]:
    """Serializes rows.

    Args:
        batch: Columns of int64, float32, and string. A null is a feature without a value.

    Returns:
        One tf.Example per row, as in protobuf's deterministic serialization.
    """
    # Protobuf sorts a name after those that begin with it.
    names = sorted(batch.schema.names, key=lambda name: f"{name}\U0010ffff")
    columns = [_serialize(name, batch.column(name)) for name in names]
    rows = pc.binary_join_element_wise(*columns, b"")
    # An Example has the same wire format as a BytesValue: field 1, with its length before it.
    return [wrappers_pb2.BytesValue(value=row).SerializeToString() for row in rows.to_pylist()]


def _serialize(name: str, column: pa.Array) -> pa.BinaryArray:
    """Serializes each value as a tf.Features of this one feature."""
    if pa.types.is_floating(column.type):
        rows = _serialize_floats(name, column.fill_null(0))
    else:
        distinct = column.dictionary_encode()
        values = [_features(name, value) for value in distinct.dictionary.to_pylist()]
        rows = pa.array(values, pa.binary()).take(distinct.indices)
    if not column.null_count:
        return rows
    return pc.if_else(column.is_valid(), rows, pa.scalar(_features(name, None), pa.binary()))


def _serialize_floats(name: str, column: pa.FloatArray) -> pa.BinaryArray:
    """Serializes floats, which rarely repeat but differ only in their last four bytes."""
    start = np.frombuffer(_features(name, 0.0)[:-4], np.uint8)
    rows = np.empty((len(column), len(start) + 4), np.uint8)
    rows[:, :-4] = start
    rows[:, -4:] = column.to_numpy().astype("<f4").view(np.uint8).reshape(-1, 4)
    kind = pa.binary(rows.shape[1])
    return pa.Array.from_buffers(kind, len(rows), [None, pa.py_buffer(rows)]).cast(pa.binary())


def _features(name: str, value: Value) -> bytes:
    return encode_features({name: value}).SerializeToString()
