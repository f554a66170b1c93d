"""The image ExampleGen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.dsl.components.base import executor_spec

from components.example_gen.component import StreamingExampleGen
from components.image_example_gen.executor import ImageExecutor


class ImageExampleGen(StreamingExampleGen):
    """Reads labelled images from IDX files or from folders of PNG and JPEG files by class.

    An Example holds `image`, the pixels as bytes row by row, 8-bit grey; `height` and `width`, in
    pixels; the name of its class; and `id`, which tells where it comes from.
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(ImageExecutor)

    @classmethod
    def options(
        cls, schema: schema_pb2.Schema, label: str, declared: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Adds to the declared size the classes, which are the label's domain in the schema."""
        domains = {feature.name: feature.string_domain.value for feature in schema.feature}
        classes = {"label": label, "classes": list(domains[label])}
        return {**declared, "images": {**declared["images"], **classes}}
