"""Hyper-parameters of the HIGGS model. Imports without TensorFlow."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from trainer_modules.higgs.features import FEATURES
from trainer_modules.shared.parameters import Parameters

SMALL_DATA = 100_000
"""Fewer rows than this take seconds whatever is done, and profit from every row and average."""

_PRESETS: dict[str, dict[str, Any]] = {
    "tuned": {},
    # What the original gave TensorFlow's BoostedTreesClassifier, on features cut at percentiles.
    "tutorial": {
        "trees": 100,
        "parallel_trees": 1,
        "depth": 6,
        "learning_rate": 0.1,
        "row_fraction": 1.0,
        "feature_fraction": 1.0,
        "l2": 0.0,
        "min_child_weight": 0.0,
        "max_bins": 100,
        "patience": 0,
        "refit": False,
    },
}


def _split_pairs(value: Any) -> Any:
    """Lets `--param monotone=m_bb:+1,m_jj:-1` stand for a mapping."""
    if not isinstance(value, str):
        return value
    pairs = [part.partition(":") for part in value.split(",") if part.strip()]
    return {name.strip(): sign.strip().removeprefix("+") for name, _, sign in pairs}


def _known(value: dict[str, int]) -> dict[str, int]:
    for name, sign in value.items():
        if name not in FEATURES:
            raise ValueError(f"there is no feature '{name}'")
        if sign not in (-1, 1):
            raise ValueError(f"'{name}' may be +1 or -1, not {sign}")
    return value


class HiggsParameters(Parameters):
    """Defaults were chosen by cross-validation on the real data's training rows."""

    @model_validator(mode="before")
    @classmethod
    def _fill_in_preset(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {**_PRESETS.get(given.get("preset", ""), {}), **given}

    preset: Literal["tuned", "tutorial"] = Field(
        "tuned", description="where values come from that are not given; tutorial: the original's"
    )
    trees: int = Field(2000, ge=1, le=100_000, description="most trees, one correcting the other")
    parallel_trees: int | None = Field(
        None,
        ge=1,
        le=100,
        description="trees to average in place of each (unset: 4 for fewer than 100,000 rows, "
        "else 1)",
    )
    depth: int = Field(7, ge=1, le=30, description="most splits above a leaf")
    max_leaves: int = Field(
        0, ge=0, le=100_000, description="leaves of a tree, best split first; 0: all of the depth"
    )
    learning_rate: float | None = Field(
        None,
        gt=0,
        le=1,
        description="factor on each tree's leaves (unset: 0.05 for fewer than 100,000 rows, "
        "else 0.1)",
    )
    row_fraction: float = Field(0.8, gt=0, le=1, description="share of rows drawn for each tree")
    feature_fraction: float = Field(
        0.5, gt=0, le=1, description="share of features drawn for each split"
    )
    l2: float = Field(1.0, ge=0, le=1e6, description="L2 penalty on the leaves")
    min_child_weight: float = Field(
        3.0, ge=0, le=1e6, description="least sum of p (1 - p) over the rows of a leaf"
    )
    max_bins: int = Field(256, ge=2, le=65_536, description="bins that a feature's values fall in")
    monotone: Annotated[dict[str, int], BeforeValidator(_split_pairs), AfterValidator(_known)] = (
        Field({}, description="features along which the score only rises or falls: m_bb:+1,m_jj:-1")
    )
    patience: int = Field(
        50,
        ge=0,
        le=100_000,
        description="trees without a lower eval loss before stopping; 0: grow and keep them all",
    )
    refit: bool | None = Field(
        None,
        description="grow the best number of trees again on train and eval (unset: for fewer than "
        "100,000 rows)",
    )

    def for_rows(self, rows: int) -> HiggsParameters:
        """Returns these parameters with those that are unset chosen for so many rows of train."""
        small = rows < SMALL_DATA
        chosen = {
            "parallel_trees": 4 if small else 1,
            "learning_rate": 0.05 if small else 0.1,
            "refit": small,
        }
        unset = {name: value for name, value in chosen.items() if getattr(self, name) is None}
        return self.model_copy(update=unset)
