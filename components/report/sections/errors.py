"""The rows that the model is most confidently wrong about."""

from __future__ import annotations

import base64
import io
from typing import Any

from components.report.evidence import Evidence, Section

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
    from PIL import Image

    size = int(features["width"]), int(features["height"])
    image = Image.frombytes("L", size, base64.b64decode(features["image"]["bytes"]))
    buffer = io.BytesIO()
    image.resize((size[0] * _SCALE, size[1] * _SCALE), Image.Resampling.NEAREST).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode("ascii")


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
