"""The base of every tutorial's hyper-parameters. Imports without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

MAX_COUNT = 1_000_000
"""The upper bound of epochs, trees, words, and the like: beyond all use, but not beyond 32 bits."""


def _split(value: Any) -> Any:
    """Lets `--param hidden_units=256,128` stand for a list."""
    return [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value


HiddenUnits = Annotated[
    tuple[Annotated[int, Field(ge=1, le=16_384)], ...],
    BeforeValidator(_split),
    Field(max_length=20),
]
"""The widths of dense layers, which the command line separates by commas."""


class Parameters(BaseModel):
    """Hyper-parameters: typed, with a default, a range, and a description of each."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    preset_field: ClassVar[str] = "model_type"
    """The hyper-parameter that selects among `presets`."""

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Value of `preset_field` -> values of other hyper-parameters that replace their defaults."""

    in_preprocessing: ClassVar[tuple[str, ...]] = ()
    """The hyper-parameters that the preprocessing function reads. A change of any other one leaves
    Transform's result cached."""

    @model_validator(mode="before")
    @classmethod
    def _fill_in_preset(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {**cls.presets.get(given.get(cls.preset_field, ""), {}), **given}
