"""The base of every tutorial's hyper-parameters. Imports without TensorFlow."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict


def _split(value: Any) -> Any:
    """Lets `--param hidden_units=256,128` stand for a list."""
    return [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value


IntList = Annotated[tuple[int, ...], BeforeValidator(_split)]
"""A tuple of integers that the command line writes with commas."""


class Parameters(BaseModel):
    """Hyper-parameters: typed, with defaults, ranges, and a description of each.

    Attributes:
        in_preprocessing: The names of those that the preprocessing function reads. A change of
            another one leaves Transform cached.
    """

    in_preprocessing: ClassVar[tuple[str, ...]] = ()

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
