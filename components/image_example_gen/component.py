"""The image ExampleGen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.dsl.components.base import executor_spec

from components.example_gen.component import StreamingExampleGen
from components.image_example_gen.executor import ImageExecutor
from schemas.reader import domain


class ImageExampleGen(StreamingExampleGen):
    """Reads labeled images from IDX files, or from PNG and JPEG files in one folder per class.

    An Example contains `image` (8-bit gray pixels, row by row), `height` and `width` in pixels,
    the name of the class, and `id`, which names the image's file or its position in one.
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(ImageExecutor)

    @classmethod
    def options(
        cls, schema: schema_pb2.Schema, label: str, declared: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Adds the label's domain in the schema, which contains the classes."""
        classes = {"label": label, "classes": list(domain(schema, label))}
        return {**declared, "images": {**declared["images"], **classes}}
