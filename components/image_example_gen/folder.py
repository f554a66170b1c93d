"""Reads PNG and JPEG files in one folder per class, as 8-bit gray images of one size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from components.errors import Problems, UserError, did_you_mean, shorten
from components.example_gen.files import is_system_file, open_file
from components.image_example_gen.format import ImageFormat, LabeledImage

MAX_SIDE = 8192
"""Pixels. Photos of phones have fewer; a file of a few kilobytes can claim any size."""


def read_folders(files: Sequence[str], expected: ImageFormat) -> Iterator[LabeledImage]:
    """Yields the images of `.../CLASS/NAME.png` files, in the order of the files.

    An image becomes what a viewer shows: upright, over white where it is transparent, then gray
    and scaled (not cropped) to the expected size.

    Args:
        files: Paths. Hidden files and others that operating systems leave behind are skipped.
        expected: The format of the images.

    Yields:
        Images. The ID of an image is the last three parts of its path: `train/CLASS/NAME.png`.

    Raises:
        UserError: Files are not readable images or not in the folder of a class.
    """
    problems = Problems()
    unknown = set()
    for path in map(Path, files):
        label = path.parent.name
        if is_system_file(path) or path.parent in unknown:
            continue
        if label not in expected.classes:
            unknown.add(path.parent)
            problems.add(
                f"The folder {path.parent} is not named after a class of the schema "
                f"({shorten(', '.join(expected.classes))}). Rename or remove the folder."
                f"{did_you_mean(label, expected.classes)}"
            )
            continue
        try:
            pixels = _pixels(path, expected)
        except UserError as error:
            problems.add(str(error))
        else:
            yield LabeledImage(pixels, label, "/".join(path.parts[-3:]))
    problems.raise_if_any()


def _pixels(path: Path, expected: ImageFormat) -> bytes:
    with open_file(path, "an image") as file:
        try:
            with Image.open(file, formats=("PNG", "JPEG")) as image:
                _require_single_picture(path, image)
                gray = _gray(ImageOps.exif_transpose(image))
                size = (expected.width, expected.height)
                # Averages all pixels that become one, which avoids aliasing.
                return gray.resize(size, Image.Resampling.BILINEAR).tobytes()
        except UserError:
            raise
        except UnidentifiedImageError:
            raise UserError(f"{path} is not a PNG or JPEG image. Convert or remove it.") from None
        except Exception as error:  # decoders fail on damaged files in undocumented ways
            reason = shorten(str(error)).rstrip(".")
            raise UserError(
                f"{path} is a damaged PNG or JPEG image ({reason}). Replace or remove it."
            ) from error


def _require_single_picture(path: Path, image: Image.Image) -> None:
    if max(image.size) > MAX_SIDE:
        raise UserError(
            f"{path} has {image.width:,} × {image.height:,} pixels. "
            f"Make it at most {MAX_SIDE:,} pixels wide and high."
        )
    # An MPO file is a photo whose other pictures are previews and the like.
    if image.format == "PNG" and getattr(image, "n_frames", 1) > 1:
        raise UserError(f"{path} is an animation. Replace it with a single image.")


def _gray(image: Image.Image) -> Image.Image:
    """Converts any mode to 8-bit gray."""
    if image.mode.startswith("I"):  # 16 bits, which Pillow's conversion clips at 255
        return Image.fromarray((np.asarray(image) / 257).round().astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("L")
