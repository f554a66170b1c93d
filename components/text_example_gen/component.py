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
    """Reads texts, one per file, from a tar.gz or a folder. Their paths contain the labels.

    `options["text"]["path"]` is a regular expression for the end of a text's path. Its named
    groups are `split`, `label`, `id`, and `rating` (an integer). Texts with a label that is not a
    class of the schema are skipped. `options["text"]["example"]` is an optional path that matches;
    messages show it.

    Texts of a split in `hash_buckets` are assigned by hash. Reviews of one movie can therefore be
    in both train and eval, because IMDB's paths do not name the movie, but never also in test.
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(TextExecutor)

    @classmethod
    def options(
        cls, schema: schema_pb2.Schema, label: str, declared: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Adds the label's domain in the schema, which contains the classes."""
        classes = {"label": label, "classes": list(domain(schema, label))}
        return {**declared, "text": {**declared["text"], **classes}}
