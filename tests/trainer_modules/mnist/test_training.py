"""The Trainer's user code on the sample, called as TFX calls it."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from pipelines.tutorials.mnist import PIPELINE
from schemas.reader import read_schema
from tests.trainer_modules.transform import write_transform_graph
from trainer_modules.mnist.preprocessing import preprocessing_fn
from trainer_modules.mnist.training import run_fn


def write_graph(folder: Path) -> str:
    row = {"image": bytes(784), "height": 28, "width": 28, "label": "0", "id": ""}
    return write_transform_graph(folder, preprocessing_fn, read_schema(PIPELINE.schema_file), [row])


def train(examples: dict[str, str], folder: Path, **parameters) -> Path:
    (folder / "logs").mkdir(parents=True)
    run_fn(
        SimpleNamespace(
            train_files=[examples["train"]],
            eval_files=[examples["eval"]],
            transform_output=write_graph(folder),
            schema_path=str(PIPELINE.schema_file),
            serving_model_dir=str(folder / "model"),
            model_run_dir=str(folder / "logs"),
            custom_config={
                "parameters": parameters,
                "seed": 0,
                "checkpoints": str(folder / "checkpoints"),
                "source": {},
            },
        )
    )
    return folder


@pytest.fixture(scope="module")
def trained(sample_examples, tmp_path_factory) -> Path:
    return train(sample_examples, tmp_path_factory.mktemp("trained") / "run", epochs=2)


@pytest.fixture(scope="module")
def served(trained):
    return tf.saved_model.load(str(trained / "model")).signatures


def rows(examples: dict[str, str], split: str = "test") -> tuple[list[bytes], np.ndarray, list]:
    """Returns serialized Examples, their images and their labels."""
    files = tf.io.gfile.glob(examples[split])
    serialized = list(tf.data.TFRecordDataset(files, "GZIP").as_numpy_iterator())
    parsed = tf.io.parse_example(
        serialized,
        {name: tf.io.FixedLenFeature([], tf.string) for name in ("image", "label")},
    )
    images = tf.io.decode_raw(parsed["image"], tf.uint8).numpy().reshape(-1, 28, 28)
    return serialized, images, parsed["label"].numpy().tolist()


def accuracy(outputs: dict[str, tf.Tensor], labels: list[bytes]) -> float:
    best = outputs["scores"].numpy().argmax(axis=1)
    return float((outputs["classes"].numpy()[0][best] == labels).mean())


def test_images_and_examples_score_the_same_to_the_bit(served, sample_examples):
    serialized, images, _ = rows(sample_examples)

    by_examples = served["serving_default"](examples=tf.constant(serialized))
    by_images = served["images"](images=tf.constant(images))

    scores = by_images["scores"].numpy()
    assert scores.tobytes() == by_examples["scores"].numpy().tobytes()
    assert scores.dtype == np.float32
    assert scores.shape == (len(images), 10)
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)
    classes = by_images["classes"].numpy()
    assert classes.tolist() == [[b"%d" % digit for digit in range(10)]] * len(images)


def test_an_image_has_the_same_scores_alone_and_in_a_batch(served, sample_examples):
    """The exported model does not contain the steps that are only for training."""
    _, images, _ = rows(sample_examples)
    together = served["images"](images=tf.constant(images[:8]))["scores"].numpy()

    alone = [served["images"](images=tf.constant(image[None]))["scores"][0] for image in images[:8]]

    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-6)


def test_a_client_need_send_no_more_than_the_image(served, sample_examples):
    serialized, images, _ = rows(sample_examples)
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[images[0].tobytes()]))
    example = tf.train.Example(features=tf.train.Features(feature={"image": feature}))

    bare = served["serving_default"](examples=tf.constant([example.SerializeToString()]))

    whole = served["serving_default"](examples=tf.constant(serialized[:1]))
    assert (bare["scores"].numpy() == whole["scores"].numpy()).all()


def test_no_images_give_no_scores(served):
    by_images = served["images"](images=tf.zeros([0, 28, 28], tf.uint8))
    by_examples = served["serving_default"](examples=tf.constant([], tf.string))

    assert by_images["scores"].shape == by_examples["scores"].shape == (0, 10)


def test_the_report_gets_the_first_filters(trained):
    insight = json.loads((trained / "logs/insights/first_filters.json").read_text())

    assert len(insight["images"]) == 16


def test_the_same_seed_gives_the_same_model(trained, sample_examples, tmp_path):
    again = train(sample_examples, tmp_path / "again", epochs=2)

    (first, second) = (
        tf.train.load_checkpoint(str(run / "model/variables/variables")) for run in (trained, again)
    )
    names = [name for name in first.get_variable_to_shape_map() if "VARIABLE_VALUE" in name]
    assert len(names) > 10
    for name in names:
        assert (first.get_tensor(name) == second.get_tensor(name)).all(), name


@pytest.mark.parametrize("model_type", ["tutorial", "mlp"])
def test_the_tutorials_networks_are_trained_and_served(sample_examples, tmp_path, model_type):
    run = train(sample_examples, tmp_path / "run", model_type=model_type, epochs=1)

    _, images, labels = rows(sample_examples)
    served = tf.saved_model.load(str(run / "model")).signatures
    assert accuracy(served["images"](images=tf.constant(images)), labels) > 0.2
