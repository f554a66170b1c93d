"""Executor of the image ExampleGen."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tensorflow as tf

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
    feature = {
        "image": _bytes(image.pixels),
        "height": _int(expected.height),
        "width": _int(expected.width),
        expected.label: _bytes(image.label.encode()),
        "id": _bytes(os.fsencode(image.id)),
    }
    example = tf.train.Example(features=tf.train.Features(feature=feature))
    return example.SerializeToString(deterministic=True)


def _bytes(value: bytes) -> tf.train.Feature:
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))


def _int(value: int) -> tf.train.Feature:
    return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))
