"""What a model has learned, written beside it for the report. Imports without TensorFlow."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = "insights"
"""Below the folder of a Trainer's `model_run`."""


@dataclass(frozen=True)
class Insight:
    """A figure about a model.

    Attributes:
        title: Of the figure.
        about: What it shows and how to read it, in a sentence or two.
        bars: Labels and values, in the order in which to show them.
        images: Captions and pictures, each uint8 [height, width] or [height, width, 3].
    """

    title: str
    about: str
    bars: Sequence[tuple[str, float]] = ()
    images: Sequence[tuple[str, np.ndarray]] = ()


def write_insight(log_dir: Path, name: str, insight: Insight) -> None:
    """Writes `insights/NAME.json`, the pictures in it as base64 of PNG.

    Args:
        log_dir: `fn_args.model_run_dir`.
        name: File name without its ending; the report shows figures in the order of their names.
        insight: The figure.
    """
    folder = log_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "title": insight.title,
        "about": insight.about,
        "bars": [[label, float(value)] for label, value in insight.bars],
        "images": [[caption, _png(pixels)] for caption, pixels in insight.images],
    }
    (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def _png(pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode("ascii")
