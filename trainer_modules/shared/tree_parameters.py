"""Hyper-parameters of boosted trees. Imports without TensorFlow."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BeforeValidator, Field, field_validator

from trainer_modules.shared.parameters import Parameters

T = TypeVar("T", bound="TreeParameters")

SMALL_DATA = 100_000
"""With fewer rows, training takes seconds with any settings. Averaging trees and refitting on all
rows then improve the model."""


def _split_pairs(value: Any) -> Any:
    """Parses the value of `--param monotone=m_bb:+1,m_jj:-1`."""
    if not isinstance(value, str):
        return value
    pairs = [part.partition(":") for part in value.split(",") if part.strip()]
    return {name.strip(): sign.strip().removeprefix("+") for name, _, sign in pairs}


Objective = Literal["binary:logistic", "reg:squarederror"]
"""The objective of the trees, by XGBoost's name."""


class TreeParameters(Parameters):
    """Hyper-parameters of a trainer that uses `boosted_trees`."""

    features: ClassVar[tuple[str, ...]]
    """The columns of the table."""

    objective: ClassVar[Objective] = "binary:logistic"
    """The objective of the trees."""

    trees: int = Field(
        2000, ge=1, le=100_000, description="maximum number of rounds; each adds a tree"
    )
    parallel_trees: int | None = Field(
        None,
        ge=1,
        le=100,
        description="trees per round, averaged (unset: 4 for fewer than 100,000 rows, else 1)",
    )
    depth: int = Field(7, ge=1, le=30, description="maximum number of splits above a leaf")
    max_leaves: int = Field(
        0,
        ge=0,
        le=100_000,
        description="maximum number of leaves per tree, best split first; 0: limited only by depth",
    )
    learning_rate: float | None = Field(
        None,
        gt=0,
        le=1,
        description="factor on the values of each tree's leaves (unset: 0.05 for fewer than "
        "100,000 rows, else 0.1)",
    )
    row_fraction: float = Field(
        0.8, gt=0, le=1, description="fraction of the rows sampled for each tree"
    )
    feature_fraction: float = Field(
        0.5, gt=0, le=1, description="fraction of the features sampled for each split"
    )
    l2: float = Field(1.0, ge=0, le=1e6, description="L2 penalty on the values of the leaves")
    min_child_weight: float = Field(
        3.0, ge=0, le=1e6, description="minimum sum of the loss's second derivative in a leaf"
    )
    max_bins: int = Field(256, ge=2, le=65_536, description="maximum number of bins per feature")
    monotone: Annotated[dict[str, int], BeforeValidator(_split_pairs)] = Field(
        {},
        description="features along which the score may only rise or fall, such as m_bb:+1,m_jj:-1",
    )
    patience: int = Field(
        50,
        ge=0,
        le=100_000,
        description="rounds without a lower eval loss before training stops; 0: train and keep all "
        "rounds",
    )
    refit: bool | None = Field(
        None,
        description="train the best number of rounds again on train and eval (unset: for fewer "
        "than 100,000 rows)",
    )

    @field_validator("monotone")
    @classmethod
    def _known_and_signed(cls, value: dict[str, int]) -> dict[str, int]:
        for name, sign in value.items():
            if name not in cls.features:
                raise ValueError(f"there is no feature '{name}'")
            if sign not in (-1, 1):
                raise ValueError(f"'{name}' may be +1 or -1, not {sign}")
        return value

    def for_rows(self: T, rows: int) -> T:
        """Returns a copy with unset values chosen by the number of training rows."""
        small = rows < SMALL_DATA
        chosen = {
            "parallel_trees": 4 if small else 1,
            "learning_rate": 0.05 if small else 0.1,
            "refit": small,
        }
        unset = {name: value for name, value in chosen.items() if getattr(self, name) is None}
        return self.model_copy(update=unset)
