"""Hyper-parameters of the California Housing models. Imports without TensorFlow."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from trainer_modules.california_housing.features import FEATURES
from trainer_modules.shared.parameters import HiddenUnits
from trainer_modules.shared.tree_parameters import TreeParameters


class CaliforniaHousingParameters(TreeParameters):
    """The hyper-parameters. Defaults were chosen by cross-validation on train and eval."""

    features = FEATURES
    objective = "reg:squarederror"
    presets: ClassVar = {
        "wide_deep": {"learning_rate": 0.002, "patience": 40},
        "deep": {"learning_rate": 0.002, "patience": 40},
    }

    model_type: Literal["boosted_trees", "wide_deep", "deep"] = Field(
        "boosted_trees", description="the model to train; wide_deep is the original tutorial's"
    )
    trees: int = Field(
        1000, ge=1, le=100_000, description="maximum number of rounds; each adds a tree"
    )
    # Four trees per round lower the RMSE by 0.008, but take four times as long to serve.
    parallel_trees: int | None = Field(1, ge=1, le=100, description="trees per round, averaged")
    learning_rate: float | None = Field(
        0.1,
        gt=0,
        le=1,
        description="factor on the leaves of each tree; for networks, AdamW's peak rate, with "
        "cosine decay to 0 (default: 0.002)",
    )
    feature_fraction: float = Field(
        0.2, gt=0, le=1, description="fraction of the features sampled for each split"
    )
    epochs: int = Field(40, ge=1, le=1000, description="networks: passes over the training split")
    batch_size: int = Field(256, ge=1, le=65_536, description="networks: rows per step")
    weight_decay: float = Field(
        0.01, ge=0, le=10, description="networks: AdamW's decoupled weight decay"
    )
    hidden_units: HiddenUnits = Field((256, 128), description="networks: widths of dense layers")
    embedding_size: int = Field(
        16, ge=1, le=256, description="networks: width of each feature's embedding"
    )
    bins: int = Field(
        32, ge=1, le=1000, description="networks: quantile bins per feature, encoded linearly"
    )
    dropout: float = Field(
        0.2, ge=0, lt=1, description="networks: fraction of hidden units dropped in training"
    )
