"""The format of a CSV file. Imports without TensorFlow."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tensorflow_metadata.proto.v0 import schema_pb2

from schemas.reader import domain

ColumnType = Literal["int", "float", "string"]

_TYPES: dict[int, ColumnType] = {
    schema_pb2.INT: "int",
    schema_pb2.FLOAT: "float",
    schema_pb2.BYTES: "string",
}


@dataclass(frozen=True)
class CsvFormat:
    """The columns of a CSV file and its quirks.

    Attributes:
        columns: Column name -> type, in file order where there is no header.
        required: Columns in which every row must have a value.
        values: Column name -> the allowed values, as texts, for columns of texts or integers where
            all other values are refused.
        header: Whether the first line names the columns (in any order).
        null_values: Fields that stand for a missing value, in addition to the empty field.
        comment: A prefix that marks leading lines as comments, or "".
        strip_suffix: Column name -> text to cut off the end of its values.
        scale: Column name -> the factor that its values are multiplied by, for float columns.
        map_values: Column name -> {number: its name}, for string columns that the file contains as
            numbers. `1` and `1.0` are the same number. Numbers without a name are refused.
    """

    columns: dict[str, ColumnType]
    required: Collection[str] = ()
    values: dict[str, Sequence[str]] = field(default_factory=dict)
    header: bool = False
    null_values: Sequence[str] = ()
    comment: str = ""
    strip_suffix: dict[str, str] = field(default_factory=dict)
    scale: dict[str, float] = field(default_factory=dict)
    map_values: dict[str, dict[str, str]] = field(default_factory=dict)


def format_of(schema: schema_pb2.Schema, label: str, quirks: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the fields of a `CsvFormat` as JSON values.

    Args:
        schema: The schema: the columns, their order and types, and which of them are required.
        label: The name of the label. The ExampleGen refuses values outside its domain and names
            their lines. For all other columns, this is left to the data gate.
        quirks: `header`, `null_values`, `comment`, `strip_suffix`, `scale`, and `map_values`, if
            they differ from the defaults.
    """
    try:
        values = {label: list(domain(schema, label))}
    except KeyError:
        values = {}
    return {
        "columns": {feature.name: _TYPES[feature.type] for feature in schema.feature},
        "required": [f.name for f in schema.feature if f.presence.min_fraction == 1],
        "values": values,
        **quirks,
    }
