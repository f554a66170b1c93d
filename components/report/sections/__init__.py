"""The sections of the report. Each module has a function `build` that returns one section.

A section that does not apply to a run is None. A pipeline's task decides which sections there are
and in which order.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from components.report.evidence import Evidence, Section


def section(name: str) -> Callable[[Evidence], Section | None]:
    """Returns the function that builds a section.

    Args:
        name: The name of a module of this package.
    """
    build: Callable[[Evidence], Section | None] = import_module(f"{__name__}.{name}").build
    return build
