"""The format of images, and a labeled image. Imports no TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class ImageFormat:
    """The format of a data set's images: 8-bit gray, of one size, each with one class.

    Attributes:
        height: The height in pixels.
        width: The width in pixels.
        label: The name of the feature that contains the class.
        classes: The names of the classes. A label is an index into them in an IDX file, and the
            name of a folder elsewhere.
    """

    height: int
    width: int
    label: str
    classes: Sequence[str]

    @property
    def pixels(self) -> int:
        """The number of pixels of an image, which is also its number of bytes."""
        return self.height * self.width


class LabeledImage(NamedTuple):
    """An image and its class.

    Attributes:
        pixels: One byte per pixel, row by row, from 0 (black) to 255 (white).
        label: The name of the class.
        id: The name of the image in the data set.
    """

    pixels: bytes
    label: str
    id: str
