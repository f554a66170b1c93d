"""Trainer's user code for MNIST."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from schemas.reader import domain, read_schema
from trainer_modules.mnist import features as f
from trainer_modules.mnist.filters import first_filters
from trainer_modules.mnist.images import decode
from trainer_modules.mnist.model import build_network, for_training
from trainer_modules.mnist.parameters import MnistParameters
from trainer_modules.shared.datasets import raw_batches
from trainer_modules.shared.devices import strategy, training_precision
from trainer_modules.shared.export import Signature, export_classifier
from trainer_modules.shared.insights import write_insight
from trainer_modules.shared.training import fit, resume_folder


def run_fn(fn_args: Any) -> None:
    """Trains and exports; called by TFX's Trainer.

    Args:
        fn_args: TFX's `FnArgs`, of raw Examples. `custom_config` holds `parameters` (fields of
            `MnistParameters`), `seed` and `checkpoints` (folder of resumable state).
    """
    config = fn_args.custom_config
    parameters = MnistParameters(**config["parameters"])
    keras.utils.set_random_seed(config["seed"])
    schema = read_schema(fn_args.schema_path)
    classes = len(domain(schema, f.LABEL))

    def batches(files: list[str], seed: int | None = None) -> tf.data.Dataset:
        return raw_batches(files, schema, f.LABEL, decode, parameters.batch_size, seed)

    train = batches(fn_args.train_files, config["seed"])
    keras.config.set_dtype_policy(training_precision())
    with strategy().scope():
        network = build_network(parameters, classes)
        model = for_training(network, parameters, len(train) * parameters.epochs)
    fit(
        model,
        train,
        batches(fn_args.eval_files),
        epochs=parameters.epochs,
        patience=parameters.patience,
        monitor="val_loss",
        mode="min",
        resume=resume_folder(fn_args),
        log_dir=Path(fn_args.model_run_dir),
    )
    write_insight(Path(fn_args.model_run_dir), "first_filters", first_filters(network))

    # Who serves it may have no GPU.
    keras.config.set_dtype_policy("float32")
    served = build_network(parameters, classes)
    served.set_weights(network.get_weights())

    def scores(images: tf.Tensor) -> tf.Tensor:
        pixels = tf.cast(images, tf.float32)[..., tf.newaxis]
        return tf.cond(
            tf.shape(images)[0] > 0,
            lambda: tf.nn.softmax(served(pixels, training=False)),
            # Of no images oneDNN's convolutions (TensorFlow 2.21) make as many channels as came in.
            lambda: tf.zeros([0, classes]),
        )

    export_classifier(
        fn_args.serving_model_dir,
        track=[served],
        scores=lambda features: scores(decode(features)),
        schema=schema,
        label=f.LABEL,
        signatures={
            "images": Signature(tf.TensorSpec([None, f.SIDE, f.SIDE], tf.uint8, "images"), scores)
        },
    )
