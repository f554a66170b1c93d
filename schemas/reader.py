"""Reading curated schemas. Imports without TensorFlow."""

from __future__ import annotations

from pathlib import Path

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2


def read_schema(path: str | Path) -> schema_pb2.Schema:
    """Parses a text-format schema.

    Raises:
        FileNotFoundError: There is no such file.
        google.protobuf.text_format.ParseError: The file is not a schema.
    """
    return text_format.Parse(Path(path).read_text(encoding="utf-8"), schema_pb2.Schema())


def domain(schema: schema_pb2.Schema, name: str) -> tuple[str, ...]:
    """Returns the values of a feature's string domain, in the schema's order.

    Raises:
        KeyError: The feature is not in the schema or has no string domain of its own.
    """
    for feature in schema.feature:
        if feature.name == name and feature.WhichOneof("domain_info") == "string_domain":
            return tuple(feature.string_domain.value)
    raise KeyError(f"the schema gives no string domain for '{name}'")


def served_features(schema: schema_pb2.Schema) -> tuple[str, ...]:
    """Returns the names of the features that are known in serving, in the schema's order."""
    return tuple(f.name for f in schema.feature if "SERVING" not in f.not_in_environment)
