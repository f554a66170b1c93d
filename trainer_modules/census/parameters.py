"""Hyper-parameters of the census model. Imports without TensorFlow."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from trainer_modules.shared.parameters import MAX_COUNT, HiddenUnits, Parameters


class CensusParameters(Parameters):
    """The hyper-parameters. Defaults were chosen by cross-validation on the real training rows."""

    presets: ClassVar = {
        # Chosen on the eval split: a loss of 0.366. The original's rate of 0.1 gave 0.374. With
        # batches of 512 rows, not 64, it hardly changes the weights of rare combinations.
        "wide": {"learning_rate": 2.0, "l1": 0.3, "epochs": 30},
    }

    model_type: Literal["wide", "deep", "wide_deep"] = Field(
        "wide_deep", description="parts of the model to train; the original tutorial compares them"
    )
    epochs: int = Field(
        14, ge=1, le=1000, description="maximum number of passes over the training split"
    )
    batch_size: int = Field(512, ge=1, le=65_536, description="rows per step")
    learning_rate: float = Field(
        0.002,
        gt=0,
        le=10,
        description="peak learning rate of AdamW, with cosine decay to 0; for wide, rate of FTRL",
    )
    weight_decay: float = Field(0.01, ge=0, le=10, description="decoupled weight decay of AdamW")
    hidden_units: HiddenUnits = Field((256, 128), description="widths of the deep part's layers")
    embedding_size: int = Field(16, ge=1, le=1024, description="width of each embedding")
    dropout: float = Field(
        0.3, ge=0, lt=1, description="fraction of hidden units dropped in training"
    )
    # The original's strengths of 10 are for FTRL on the summed loss of 64 rows. On the mean loss,
    # which Keras minimizes, they are 10 / 64 = 0.16.
    l1: float = Field(0.0, ge=0, le=1e6, description="L1 penalty on the wide part's weights")
    l2: float = Field(0.0, ge=0, le=1e6, description="L2 penalty on the wide part's weights")
    patience: int = Field(
        4,
        ge=1,
        le=MAX_COUNT,
        description="epochs without a lower eval loss before training stops",
    )
