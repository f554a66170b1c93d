"""Hyper-parameters of the MNIST models. Imports without TensorFlow."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from trainer_modules.shared.parameters import MAX_COUNT, Parameters


class MnistParameters(Parameters):
    """The hyper-parameters. Defaults of `cnn` were chosen on the eval split of the real data.

    The defaults of the other model types are those of the original tutorials.
    """

    presets: ClassVar = {
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

    model_type: Literal["cnn", "tutorial", "mlp"] = Field(
        "cnn",
        description="cnn: a small network with batch normalization; tutorial: the original's "
        "convolutions; mlp: the original's multi-layer perceptron",
    )
    epochs: int = Field(
        10, ge=1, le=1000, description="maximum number of passes over the training split"
    )
    batch_size: int = Field(256, ge=1, le=65_536, description="images per step")
    learning_rate: float = Field(
        0.006,
        gt=0,
        le=10,
        description="learning rate of Adam, for cnn with cosine decay to 0; for tutorial, of SGD",
    )
    dropout: float = Field(
        0.3, ge=0, lt=1, description="fraction of the last hidden layer dropped in training"
    )
    shift: int = Field(
        2, ge=0, le=14, description="maximum random shift of an image in training, in pixels"
    )
    patience: int = Field(
        4,
        ge=1,
        le=MAX_COUNT,
        description="epochs without a lower eval loss before training stops",
    )
