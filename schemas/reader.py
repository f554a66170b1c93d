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
    """Returns the values that a feature may have, as strings, in the schema's order.

    A feature has a string domain, its own or one that it shares with others, or a Boolean domain,
    as TensorFlow Data Validation drafts them: `0` and `1` for integers, and for strings the two
    values that the domain names.

    Raises:
        KeyError: The feature is not in the schema or has neither domain.
    """
    shared = {string_domain.name: string_domain for string_domain in schema.string_domain}
    for feature in schema.feature:
        if feature.name != name:
            continue
        match feature.WhichOneof("domain_info"):
            case "string_domain":
                return tuple(feature.string_domain.value)
            case "domain" if feature.domain in shared:
                return tuple(shared[feature.domain].value)
            case "bool_domain" if feature.type == schema_pb2.INT:
                return "0", "1"
            case "bool_domain":
                values = feature.bool_domain
                return values.false_value or "false", values.true_value or "true"
    raise KeyError(f"the schema gives no string domain for '{name}'")


def served_features(schema: schema_pb2.Schema) -> tuple[str, ...]:
    """Returns the names of the features that are known in serving, in the schema's order."""
    return tuple(f.name for f in schema.feature if "SERVING" not in f.not_in_environment)
