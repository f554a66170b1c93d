"""Trainer's user code for MNIST."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from trainer_modules.mnist import features as f
from trainer_modules.mnist.filters import first_filters
from trainer_modules.mnist.model import build_network, for_training
from trainer_modules.mnist.parameters import MnistParameters
from trainer_modules.mnist.preprocessing import scaled
from trainer_modules.shared.devices import strategy, training_precision
from trainer_modules.shared.export import Signature, classification
from trainer_modules.shared.insights import write_insight
from trainer_modules.shared.training_run import Split, TrainingRun


def run_fn(fn_args: Any) -> None:
    """Trains and exports; called by TFX's Trainer.

    Args:
        fn_args: TFX's `FnArgs`; see `TrainingRun.from_fn_args`.
    """
    run = TrainingRun.from_fn_args(fn_args, MnistParameters, f.LABEL)
    network = _train(run)
    write_insight(run.log_dir, "first_filters", first_filters(network))

    # The machine that serves the model may have no GPU.
    keras.config.set_dtype_policy("float32")
    served = build_network(run.parameters, len(run.classes))
    served.set_weights(network.get_weights())

    def scores(features: dict[str, tf.Tensor]) -> tf.Tensor:
        return tf.nn.softmax(served(features[f.PIXELS][..., tf.newaxis], training=False))

    run.export(
        classification(scores, run.classes),
        track=[served],
        signatures={
            "images": Signature(tf.TensorSpec([None, f.SIDE, f.SIDE], tf.uint8, "images"), scaled)
        },
    )


def _train(run: TrainingRun[MnistParameters]) -> keras.Model:
    parameters = run.parameters

    def batches(split: Split, *, shuffle: bool) -> tf.data.Dataset:
        return run.batches(
            split,
            parameters.batch_size,
            shuffle=shuffle,
            select=lambda features: features[f.PIXELS],
        )

    train = batches("train", shuffle=True)
    keras.config.set_dtype_policy(training_precision())
    with strategy().scope():
        network = build_network(parameters, len(run.classes))
        model = for_training(network, parameters, len(train) * parameters.epochs)
    run.fit(model, train, batches("eval", shuffle=False), monitor="val_loss")
    return network
