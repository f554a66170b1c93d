"""Renders the report page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jinja2

from components.report.summary import Summary

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("components.report", "."),
    # Data strings end up here: everything is escaped.
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def render(declaration: Mapping[str, Any], summary: Summary) -> str:
    """Returns one self-contained HTML page.

    Args:
        declaration: `name`, `title`, `data`, and by metric `published` and `thresholds`.
        summary: What the run came to.
    """
    return _TEMPLATES.get_template("report.html.j2").render(
        declaration=declaration, summary=summary
    )
