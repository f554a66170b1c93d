"""Images as text. Imports without TensorFlow."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image


def png_base64(pixels: np.ndarray) -> str:
    """Encodes an image as PNG, and that as base64, for JSON and `data:` URLs.

    Args:
        pixels: uint8 [height, width] or [height, width, 3].
    """
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode("ascii")
