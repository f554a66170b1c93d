"""Ways to run a compiled pipeline. Each one registers here."""

from __future__ import annotations

from importlib import import_module
from typing import Any

ORCHESTRATORS = {"local": "pipelines.orchestrators.local.session"}
"""Name -> the module with `unchanged(plan)` and `run(plan, console)`, imported on use."""


def orchestrator(name: str) -> Any:
    """Returns the module of an orchestrator."""
    return import_module(ORCHESTRATORS[name])
