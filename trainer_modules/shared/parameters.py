"""The base of every tutorial's hyper-parameters. Imports without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

MAX_COUNT = 1_000_000
"""The upper bound of counts, such as epochs: more than anybody needs, but within 32 bits."""


def _split(value: Any) -> Any:
    """Splits the value of `--param hidden_units=256,128`."""
    return [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value


HiddenUnits = Annotated[
    tuple[Annotated[int, Field(ge=1, le=16_384)], ...],
    BeforeValidator(_split),
    Field(max_length=20),
]
"""The widths of dense layers. On the command line, commas separate them."""


class Parameters(BaseModel):
    """Hyper-parameters, each with a type, a default, a range, and a description."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    preset_field: ClassVar[str] = "model_type"
    """The hyper-parameter that selects among `presets`."""

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Value of `preset_field` -> values of other hyper-parameters that replace their defaults."""

    in_preprocessing: ClassVar[tuple[str, ...]] = ()
    """The hyper-parameters that the preprocessing function reads. After a
    change of any other one, Transform's result is still cached."""

    @model_validator(mode="before")
    @classmethod
    def _fill_in_preset(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {**cls.presets.get(given.get(cls.preset_field, ""), {}), **given}
