"""Explanations of a model for the report. Imports without TensorFlow."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainer_modules.shared.files import INSIGHTS_FOLDER
from trainer_modules.shared.png import png_base64


@dataclass(frozen=True)
class Insight:
    """A chart or a row of images that explains a model.

    Attributes:
        title: The title.
        about: One or two sentences on what it shows and how to read it.
        bars: Labels and values, in the order in which to show them.
        images: Captions and images, each uint8 [height, width] or [height, width, 3].
    """

    title: str
    about: str
    bars: Sequence[tuple[str, float]] = ()
    images: Sequence[tuple[str, np.ndarray]] = ()


def write_insight(log_dir: Path, name: str, insight: Insight) -> None:
    """Writes `insights/NAME.json`, with images as PNG in base64.

    Args:
        log_dir: The Trainer's `model_run` folder.
        name: The file name without its suffix. The report sorts insights by name.
        insight: The content.
    """
    folder = log_dir / INSIGHTS_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "title": insight.title,
        "about": insight.about,
        "bars": [[label, float(value)] for label, value in insight.bars],
        "images": [[caption, png_base64(pixels)] for caption, pixels in insight.images],
    }
    (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
