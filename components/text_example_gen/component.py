"""The text ExampleGen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.dsl.components.base import executor_spec

from components.example_gen.component import StreamingExampleGen
from components.text_example_gen.executor import TextExecutor
from schemas.reader import domain


class TextExampleGen(StreamingExampleGen):
    """Reads texts, one per file, whose paths say what they are: from a tar.gz or a folder.

    `options["text"]["path"]` is a regular expression for the end of a text's path, with the named
    groups `label` (one of the schema's classes; other texts are passed over), `id`, `rating` (an
    integer) and `split`: texts of a split that shares its rows by hash are cut by hash.

    Rows that belong together, such as reviews of one film, stay together only where the path says
    so. IMDB's does not, so train and eval may have reviews of the same film, but not test.
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(TextExecutor)

    @classmethod
    def options(
        cls, schema: schema_pb2.Schema, label: str, declared: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Adds to the declared path the classes, which are the label's domain in the schema."""
        classes = {"label": label, "classes": list(domain(schema, label))}
        return {**declared, "text": {**declared["text"], **classes}}
