"""Finds pipelines by name. Each declaration is imported only when it is needed."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from components.errors import UsageError, did_you_mean
from pipelines import tutorials
from pipelines.spec import PipelineSpec


@cache
def names() -> tuple[str, ...]:
    """Returns the names of all pipelines: the modules of `pipelines.tutorials`, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(tutorials.__path__)))


def load(name: str) -> PipelineSpec:
    """Returns the declaration of a pipeline.

    Raises:
        UsageError: There is no pipeline of that name.
    """
    if name not in names():
        raise UsageError(
            f"There is no tutorial '{name}'.{did_you_mean(name, names())} "
            f"Choose one of {', '.join(names())}."
        )
    spec: PipelineSpec = import_module(f"pipelines.tutorials.{name}").PIPELINE
    return spec
