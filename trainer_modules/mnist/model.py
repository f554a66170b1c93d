"""The networks for MNIST."""

from __future__ import annotations

import keras
from keras import layers

from trainer_modules.mnist import features as f
from trainer_modules.mnist.parameters import MnistParameters
from trainer_modules.shared.normalization import FusedBatchNormalization

_MOMENTUM = 0.9
"""The momentum of batch normalization. The usual 0.99 needs more steps than small data has."""


def build_network(parameters: MnistParameters, classes: int) -> keras.Model:
    """Builds a network.

    Args:
        parameters: The hyper-parameters.
        classes: The number of classes.

    Returns:
        A model from pixels, float32 [n, 28, 28, 1] in [0, 1], to logits, float32 [n, classes].
    """
    pixels = keras.Input((f.SIDE, f.SIDE, 1))
    hidden = {"cnn": _cnn, "tutorial": _tutorial, "mlp": _mlp}[parameters.model_type](pixels)
    hidden = layers.Dropout(parameters.dropout)(hidden)
    # Half precision, if it is on, would be too coarse for the loss.
    return keras.Model(pixels, layers.Dense(classes, dtype="float32")(hidden))


def for_training(
    network: keras.Model, parameters: MnistParameters, total_steps: int
) -> keras.Model:
    """Adds random shifts before a network, for training, and compiles it.

    Args:
        network: The network, from `build_network`. It shares its weights with the returned model.
        parameters: The hyper-parameters.
        total_steps: The number of steps over which the learning rate of `cnn` decays to 0.

    Returns:
        A model from pixels, float32 [n, 28, 28] in [0, 1], to logits, float32 [n, classes].
    """
    most = parameters.shift / f.SIDE
    model = keras.Sequential(
        [
            keras.Input((f.SIDE, f.SIDE)),
            layers.Reshape((f.SIDE, f.SIDE, 1)),
            layers.RandomTranslation(most, most, fill_mode="constant"),
            network,
        ]
    )
    model.compile(
        optimizer=_optimizer(parameters, total_steps),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        # XLA's convolutions on CPUs are slower than TensorFlow's own.
        jit_compile=False,
    )
    return model


def _cnn(pixels: keras.KerasTensor) -> keras.KerasTensor:
    """Applies convolutions with batch normalization (Ioffe and Szegedy 2015, arXiv:1502.03167).

    It uses strides instead of pooling, and no normalization at full size. With either, the first
    layers would take as long as all others together, because their images are the largest.
    """
    hidden = layers.Conv2D(
        16, 3, padding="same", activation="relu", kernel_initializer="he_normal"
    )(pixels)
    for filters in (24, 48):
        for strides in (2, 1):
            hidden = layers.Conv2D(
                filters,
                3,
                strides,
                padding="same",
                use_bias=False,
                kernel_initializer="he_normal",
            )(hidden)
            hidden = layers.ReLU()(FusedBatchNormalization(momentum=_MOMENTUM)(hidden))
    hidden = layers.Dropout(0.1)(layers.Flatten()(hidden))
    hidden = layers.Dense(128, use_bias=False)(hidden)
    return layers.ReLU()(layers.BatchNormalization(momentum=_MOMENTUM)(hidden))


def _tutorial(pixels: keras.KerasTensor) -> keras.KerasTensor:
    """Applies the layers of the original tutorial, which did not scale the pixels."""
    hidden = layers.Rescaling(255)(pixels)
    for filters in (32, 64):
        hidden = layers.Conv2D(filters, 5, padding="same", activation="relu")(hidden)
        hidden = layers.MaxPooling2D()(hidden)
    return layers.Dense(1024, activation="relu")(layers.Flatten()(hidden))


def _mlp(pixels: keras.KerasTensor) -> keras.KerasTensor:
    """Applies the layers of the original multi-layer perceptron."""
    hidden = layers.Flatten()(pixels)
    return layers.Dense(512, activation="relu")(hidden)


def _optimizer(parameters: MnistParameters, total_steps: int) -> keras.optimizers.Optimizer:
    rate = parameters.learning_rate
    if parameters.model_type == "tutorial":
        return keras.optimizers.SGD(rate)
    if parameters.model_type == "mlp":
        return keras.optimizers.Adam(rate)
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, max(total_steps, 1)))
