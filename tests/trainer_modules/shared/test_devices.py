"""Training on several devices: a CPU that is divided into two logical devices.

TensorFlow's devices cannot change after its first use, so this runs in a new process.
"""

import json
import subprocess
import sys

import pytest
import tensorflow as tf

from trainer_modules.shared.devices import strategy, training_precision

ON_TWO_DEVICES = """
import json
import keras
import numpy as np
import tensorflow as tf
from trainer_modules.shared.devices import strategy, training_precision

(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

def trained(strategy):
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    features = random.normal(size=(256, 8)).astype("float32")
    target = features @ random.normal(size=(8, 1)).astype("float32")
    batches = tf.data.Dataset.from_tensor_slices((features, target)).batch(32)
    with strategy.scope():
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.Adam(0.05), loss="mse")
    losses = model.fit(batches, epochs=5, verbose=0).history["loss"]
    return model.get_weights()[0].ravel().tolist(), losses

both = strategy()
print(json.dumps({
    "replicas": both.num_replicas_in_sync,
    "precision": training_precision(),
    "mirrored": trained(both),
    "alone": trained(tf.distribute.OneDeviceStrategy("CPU:0")),
}))
"""


@pytest.fixture(scope="module")
def on_two_devices() -> dict:
    done = subprocess.run(
        [sys.executable, "-c", ON_TWO_DEVICES], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_all_devices_are_used(on_two_devices):
    assert on_two_devices["replicas"] == 2


def test_two_devices_learn_what_one_learns(on_two_devices):
    (weights, losses), (expected, expected_losses) = (
        on_two_devices["mirrored"],
        on_two_devices["alone"],
    )

    assert weights == pytest.approx(expected, rel=1e-4)
    assert losses == pytest.approx(expected_losses, rel=1e-4)
    assert losses[-1] < losses[0] / 2


def test_one_device_needs_no_strategy():
    if len(tf.config.list_logical_devices("GPU")) < 2:
        assert strategy() is tf.distribute.get_strategy()


def test_half_precision_is_for_gpus(on_two_devices):
    gpus = tf.config.list_logical_devices("GPU")

    assert training_precision() == ("mixed_float16" if gpus else "float32")
    assert on_two_devices["precision"] == training_precision()
