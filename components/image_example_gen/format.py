"""What images must come to, and one of them. Imports without TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class ImageFormat:
    """The images of a data set: 8-bit grey, of one size, each of one class.

    Attributes:
        height: Pixels.
        width: Pixels.
        label: Name of the feature that holds the class.
        classes: Names of the classes; in an IDX file a label is an index into them, in a folder of
            images the name of a sub-folder.
    """

    height: int
    width: int
    label: str
    classes: Sequence[str]

    @property
    def pixels(self) -> int:
        """Number of pixels, and so of bytes, of an image."""
        return self.height * self.width


class LabelledImage(NamedTuple):
    """An image.

    Attributes:
        pixels: Bytes, row by row, from 0 for black to 255 for white.
        label: Name of the class.
        id: Which image of the data set it is.
    """

    pixels: bytes
    label: str
    id: str
