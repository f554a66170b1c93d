"""The rows that the model is most confidently wrong about."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from components.report.evidence import Evidence, Section
from trainer_modules.shared.png import png_base64

_PICTURE = {"image", "height", "width"}
"""Features that together are a gray picture: its bytes, row by row, and its size in pixels."""

_SCALE = 4  # pixels of the page per pixel of the picture


def build(run: Evidence) -> Section | None:
    """Builds the section."""
    errors = run.summary["errors"]
    if not errors:
        return None
    rows = [
        {**error, "picture": _picture(error["features"]), "texts": texts(error["features"])}
        for error in errors
    ]
    return Section("Most confident errors", "errors.html.j2", {"errors": rows}, {})


def _picture(features: dict[str, Any]) -> str | None:
    """Returns a PNG as base64, if the features are a picture."""
    if not set(features) >= _PICTURE:
        return None
    pixels = np.frombuffer(base64.b64decode(features["image"]["bytes"]), np.uint8)
    picture = pixels.reshape(int(features["height"]), int(features["width"]))
    return png_base64(picture.repeat(_SCALE, axis=0).repeat(_SCALE, axis=1))


def texts(features: dict[str, Any]) -> dict[str, str]:
    """Returns features as a reader sees them, except those that are a picture.

    Args:
        features: Name -> number, {"bytes": base64}, or None if the row does not have it.
    """
    hidden = _PICTURE if set(features) >= _PICTURE else set()
    return {name: _text(value) for name, value in features.items() if name not in hidden}


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return base64.b64decode(value["bytes"]).decode("utf-8", "replace")
    return "–" if value is None else f"{value:g}"
