"""Executor of the image ExampleGen."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.example_gen.examples import serialize_example
from components.example_gen.executor import StreamingExecutor
from components.example_gen.partition import Batch
from components.image_example_gen.folder import read_folders
from components.image_example_gen.format import ImageFormat, LabeledImage
from components.image_example_gen.idx import is_idx, read_idx

BATCH_BYTES = 1 << 22
"""Of pixels."""


class ImageExecutor(StreamingExecutor):
    """Turns images into Examples of raw pixels, which are the same for every file format."""

    def read(self, files: Sequence[str], options: Mapping[str, Any]) -> Iterator[Batch]:
        """See the base class. `options["images"]` contains the fields of `ImageFormat`."""
        expected = ImageFormat(**options["images"])
        read = read_idx if any(map(is_idx, files)) else read_folders
        images = read(files, expected)
        size = max(1, BATCH_BYTES // expected.pixels)
        while batch := list(itertools.islice(images, size)):
            yield Batch([_serialized(image, expected) for image in batch])


def _serialized(image: LabeledImage, expected: ImageFormat) -> bytes:
    return serialize_example(
        {
            "image": image.pixels,
            "height": expected.height,
            "width": expected.width,
            expected.label: image.label,
            "id": os.fsencode(image.id),
        }
    )
