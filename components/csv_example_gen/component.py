"""The CSV ExampleGen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.dsl.components.base import executor_spec

from components.csv_example_gen.executor import CsvExecutor
from components.csv_example_gen.format import format_of
from components.example_gen.component import StreamingExampleGen


class CsvExampleGen(StreamingExampleGen):
    """Reads CSV files, plain or gzipped, with or without a header, using explicit column types.

    TFX's own CsvExampleGen infers types in Python and holds all rows in memory.
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(CsvExecutor)

    @classmethod
    def options(
        cls, schema: schema_pb2.Schema, label: str, declared: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Adds the column types of the schema to the declared options."""
        return {**declared, "csv": format_of(schema, label, declared.get("csv", {}))}
