"""Reads PNG and JPEG files that lie in one folder per class, as 8-bit grey images of one size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from components.errors import UserError
from components.image_example_gen.format import ImageFormat, LabelledImage

MAX_SIDE = 8192
"""Pixels. Phones' photos have less; a file of a few kilobytes can claim any size."""


def read_folders(files: Sequence[str], expected: ImageFormat) -> Iterator[LabelledImage]:
    """Yields the images of `…/CLASS/NAME.png` files, in file order.

    An image becomes what a viewer shows of it: upright, in grey, over white where it is
    transparent, scaled (not cropped) to the expected size.

    Args:
        files: Paths; hidden files, which operating systems leave behind, are passed over.
        expected: What the images must come to.

    Yields:
        Images; the id of one is the last three parts of its path, such as `train/CLASS/NAME.png`.

    Raises:
        UserError: A file is no image that can be read, or not in the folder of a class.
    """
    for path in map(Path, files):
        if path.name.startswith("."):
            continue
        label = path.parent.name
        if label not in expected.classes:
            raise UserError(
                f"{path} is in the folder of '{label}', which is no class of the schema "
                f"({', '.join(expected.classes)}); move the folder away or mend the schema."
            )
        yield LabelledImage(_pixels(path, expected), label, "/".join(path.parts[-3:]))


def _pixels(path: Path, expected: ImageFormat) -> bytes:
    try:
        with Image.open(path, formats=("PNG", "JPEG")) as image:
            if max(image.size) > MAX_SIDE:
                raise UserError(
                    f"{path} has {image.width:,} × {image.height:,} pixels; make it smaller than "
                    f"{MAX_SIDE:,} on each side."
                )
            # Not of "MPO", a photo whose further pictures are previews and the like.
            if image.format == "PNG" and getattr(image, "n_frames", 1) > 1:
                raise UserError(f"{path} is an animation; give a single image.")
            grey = _grey(ImageOps.exif_transpose(image))
            size = (expected.width, expected.height)
            # Of all pixels that become one, the resampling takes the weighted mean: no aliasing.
            return grey.resize(size, Image.Resampling.BILINEAR).tobytes()
    except UserError:
        raise
    except Exception as error:  # a decoder fails on broken files in more ways than it documents
        raise UserError(
            f"{path} cannot be read as a PNG or JPEG image ({error}); mend or remove it."
        ) from error


def _grey(image: Image.Image) -> Image.Image:
    """Converts any mode to 8-bit grey."""
    if image.mode.startswith("I"):  # 16 bits, which Pillow's own conversion would cut off at 255
        return Image.fromarray((np.asarray(image) / 257).round().astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("L")
