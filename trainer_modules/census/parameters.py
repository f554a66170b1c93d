"""Hyper-parameters of the census model. Imports without TensorFlow."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from trainer_modules.shared.parameters import HiddenUnits, Parameters


class CensusParameters(Parameters):
    """Defaults were chosen by cross-validation on the real data's training rows."""

    model_type: Literal["wide", "deep", "wide_deep"] = Field(
        "wide_deep", description="which part of the model to train, as the tutorial compares them"
    )
    epochs: int = Field(14, ge=1, le=1000, description="passes over the training split")
    batch_size: int = Field(512, ge=1, le=65536, description="rows per step")
    learning_rate: float | None = Field(
        None,
        gt=0,
        le=10,
        description="AdamW's peak rate, falling to 0 on a cosine (unset: 0.002); for wide alone "
        "FTRL's (unset: 0.1, the tutorial's)",
    )
    weight_decay: float = Field(0.01, ge=0, le=10, description="AdamW's decoupled decay")
    hidden_units: HiddenUnits = Field((256, 128), description="widths of the deep part's layers")
    embedding_size: int = Field(16, ge=1, le=1024, description="width of each embedding")
    dropout: float = Field(0.3, ge=0, lt=1, description="share of hidden units dropped in training")
    # The tutorial's strengths of 10 belong to FTRL on the summed loss of 64 rows; on the mean loss,
    # which Keras minimises, they are 10 / 64 = 0.16.
    l1: float = Field(0.0, ge=0, description="L1 penalty on the wide weights")
    l2: float = Field(0.0, ge=0, description="L2 penalty on the wide weights")
    patience: int = Field(4, ge=1, description="epochs without a better eval loss before stopping")
