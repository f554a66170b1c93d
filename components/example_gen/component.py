"""A FileBasedExampleGen whose executor streams."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from google.protobuf import any_pb2, wrappers_pb2
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.components.example_gen.component import FileBasedExampleGen
from tfx.orchestration.data_types import RuntimeParameter
from tfx.proto import example_gen_pb2

from components.example_gen.tail import Tail


class StreamingExampleGen(FileBasedExampleGen):
    """TFX's FileBasedExampleGen, with its spans, versions, fingerprints, and caching.

    Subclasses set `EXECUTOR_SPEC` to a `BeamExecutorSpec` of a `StreamingExecutor`.
    """

    def __init__(
        self,
        input_base: str,
        patterns: Mapping[str, str],
        hash_buckets: Mapping[str, int] | None = None,
        tail: Tail | None = None,
        spans: RuntimeParameter | None = None,
        options: Mapping[str, Any] | None = None,
    ):
        """Declares the node.

        Args:
            input_base: The data folder.
            patterns: Split name -> glob below `input_base`. TFX allows either several input splits
                or a single one that it splits by hash. Here, splits can share a pattern.
            hash_buckets: Split name -> number of hash buckets, for the splits that share a
                pattern's rows by hash. Rows of other splits of the pattern are not shared.
            tail: The split, if any, that consists of the last rows of its pattern's files.
            spans: The parameter of the run with the spans to read, if the patterns have spans.
            options: Anything else that the executor needs. JSON values only. They are part of the
                cache key.
        """
        config = json.dumps(
            {
                "hash_buckets": dict(hash_buckets or {}),
                "tail": asdict(tail) if tail else None,
                **(options or {}),
            }
        )
        packed = any_pb2.Any()
        packed.Pack(wrappers_pb2.StringValue(value=config))
        splits = [
            example_gen_pb2.Input.Split(name=name, pattern=pattern)
            for name, pattern in patterns.items()
        ]
        super().__init__(
            input_base=input_base,
            input_config=example_gen_pb2.Input(splits=splits),
            range_config=spans,
            custom_config=example_gen_pb2.CustomConfig(custom_config=packed),
        )

    @classmethod
    def options(
        cls, schema: schema_pb2.Schema, label: str, declared: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Returns the executor's options for a schema and a declaration.

        Args:
            schema: The curated schema.
            label: The name of the label.
            declared: `Source.options` of the declaration.
        """
        del schema, label
        return dict(declared)
