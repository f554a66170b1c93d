"""The templates of the files that a target writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jinja2


def templates(folder: Path, **filters: Callable[[str], str]) -> jinja2.Environment:
    """Returns the templates of a folder. A name that has no value is an error.

    Args:
        folder: The folder of the templates.
        filters: Name -> function, such as one that quotes a text for YAML.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters)
    return environment
