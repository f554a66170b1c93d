"""Pictures of the patterns that the first layer looks for."""

from __future__ import annotations

import keras
import numpy as np

from trainer_modules.mnist import features as f
from trainer_modules.shared.insights import Insight

SHOWN = 32
PICTURE = 56
"""The approximate side of a picture in pixels."""


def first_filters(network: keras.Model) -> Insight:
    """Draws the weights of the first layer with weights, unit by unit.

    Args:
        network: A network for images of the size in `features`. Its first layer with weights is a
            convolution or a dense layer.
    """
    kernel = next(layer.kernel for layer in network.layers if hasattr(layer, "kernel"))
    weights = keras.ops.convert_to_numpy(kernel)
    units = weights.shape[-1]
    side = weights.shape[0] if weights.ndim == 4 else f.SIDE
    pictures = np.moveaxis(weights.reshape(side, side, units), 2, 0)[:SHOWN]
    return Insight(
        title="What the first layer looks for",
        about=f"The weights of {len(pictures)} of the {units} units in the first layer, over "
        f"{side} × {side} pixels, each on its own scale. A unit looks for ink where its picture is "
        "light and for background where it is dark. It ignores what is gray.",
        images=[(f"unit {unit}", _picture(picture)) for unit, picture in enumerate(pictures)],
    )


def _picture(weights: np.ndarray) -> np.ndarray:
    """Draws weights as gray tiles, 0 in the middle of the scale: uint8 [height, width]."""
    scaled = weights / max(np.abs(weights).max(), np.finfo(weights.dtype).tiny)
    gray = (127.5 + 127.5 * scaled).round().astype(np.uint8)
    times = max(1, PICTURE // len(weights))
    return gray.repeat(times, axis=0).repeat(times, axis=1)
