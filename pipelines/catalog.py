"""Name -> Tutorial, each imported only when asked for."""

from __future__ import annotations

import difflib
from importlib import import_module

from components.errors import UsageError
from pipelines.tutorial import Tutorial

NAMES = ("census", "higgs", "imdb", "mnist")


def load(name: str) -> Tutorial:
    """Returns the tutorial of that name.

    Raises:
        UsageError: There is no such tutorial.
    """
    if name not in NAMES:
        near = difflib.get_close_matches(name, NAMES, n=1)
        guess = f" Did you mean '{near[0]}'?" if near else ""
        raise UsageError(f"There is no tutorial '{name}'.{guess} Known: {', '.join(NAMES)}.")
    tutorial: Tutorial = import_module(f"pipelines.{name}").TUTORIAL
    return tutorial
