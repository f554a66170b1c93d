"""Hyper-parameters of the MNIST models. Imports without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from trainer_modules.shared.parameters import Parameters

_ORIGINALS: Mapping[str, Mapping[str, Any]] = {
    # 20,000 steps of 100 images: 37 passes over nine tenths of the official 60,000.
    "tutorial": {
        "epochs": 37,
        "batch_size": 100,
        "learning_rate": 0.001,
        "dropout": 0.4,
        "shift": 0,
    },
    "mlp": {"epochs": 5, "batch_size": 32, "learning_rate": 0.001, "dropout": 0.2, "shift": 0},
}
"""Model type -> how the original tutorials trained it, where that differs from the defaults."""


class MnistParameters(Parameters):
    """Defaults were chosen on the eval split of the real data.

    Those of another model type than `cnn` are the original tutorial's.
    """

    model_type: Literal["cnn", "tutorial", "mlp"] = Field(
        "cnn",
        description="a small network with batch normalisation, the tutorial's convolutions, or its "
        "multi-layer perceptron",
    )
    epochs: int = Field(10, ge=1, le=1000, description="passes over the training split")
    batch_size: int = Field(256, ge=1, le=65536, description="images per step")
    learning_rate: float = Field(
        0.006,
        gt=0,
        le=10,
        description="Adam's, for cnn falling to 0 on a cosine; for tutorial that of plain SGD",
    )
    dropout: float = Field(
        0.3, ge=0, lt=1, description="share of the last hidden layer dropped in training"
    )
    shift: int = Field(
        2, ge=0, le=14, description="most pixels that training moves an image to each side"
    )
    patience: int = Field(4, ge=1, description="epochs without a better eval loss before stopping")

    @model_validator(mode="before")
    @classmethod
    def _as_the_original(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {**_ORIGINALS.get(given.get("model_type", ""), {}), **given}
