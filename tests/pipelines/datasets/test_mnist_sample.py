"""The sample of real digits."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from components.errors import UserError
from components.image_example_gen.format import ImageFormat, LabeledImage
from components.image_example_gen.idx import read_idx
from pipelines.datasets.samples import mnist
from pipelines.tutorials.mnist import PIPELINE

FORMAT = ImageFormat(28, 28, "label", tuple("0123456789"))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mnist.write(tmp_path_factory.mktemp("samples") / "mnist")


def images(sample: Path, name: str) -> list[LabeledImage]:
    return list(read_idx(sorted(map(str, sample.glob(f"{name}-*"))), FORMAT))


def test_its_files_are_those_of_the_official_download(sample):
    assert {file.name for file in sample.iterdir()} == {
        file.name for file in PIPELINE.source.remote
    }


def test_the_seed_decides_every_byte(sample, tmp_path):
    again, other = mnist.write(tmp_path / "again"), mnist.write(tmp_path / "other", seed=1)

    for file in sample.iterdir():
        assert (again / file.name).read_bytes() == file.read_bytes()
        assert (other / file.name).read_bytes() != file.read_bytes()


def test_every_digit_is_in_one_part(sample):
    train, test = images(sample, "train"), images(sample, "t10k")

    assert (len(train), len(test)) == (1_400, 397)
    counts = np.bincount([int(image.label) for image in train + test])
    assert (counts == np.bincount(load_digits().target)).all()
    for part in (train, test):
        assert {image.label for image in part} == set("0123456789")


def test_digits_are_light_and_have_a_margin_as_in_mnist(sample):
    pixels = np.stack([np.frombuffer(i.pixels, np.uint8) for i in images(sample, "train")])
    pixels = pixels.reshape(-1, 28, 28)

    inside = pixels[:, 4:-4, 4:-4]
    assert pixels.sum() == inside.sum()
    assert (inside.reshape(len(pixels), -1).max(axis=1) > 200).all()
    assert 20 < pixels.mean() < 60


def test_scaled_digits_are_still_those_of_scikit_learn(sample):
    pixels = np.stack([np.frombuffer(i.pixels, np.uint8) for i in images(sample, "t10k")])
    small = pixels.reshape(-1, 28, 28)[:, 4:-4, 4:-4]
    # The middle of each eighth of the 20 pixels.
    middles = np.array([1, 3, 6, 8, 11, 13, 16, 18])
    small = small[:, middles][:, :, middles].reshape(len(pixels), -1).astype(float)
    digits = load_digits()
    originals = digits.images.reshape(len(digits.images), -1) * 255 / 16

    # Squared distances without the square of the sample's row, which does not affect the order.
    nearest = ((originals**2).sum(axis=1) - 2 * small @ originals.T).argmin(axis=1)

    assert digits.target[nearest].tolist() == [int(i.label) for i in images(sample, "t10k")]
    assert len(set(nearest)) == len(pixels)


def test_no_time_is_in_the_files(sample):
    for file in sample.iterdir():
        with gzip.open(file) as content:
            content.read(1)
            assert content.mtime == 0


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "precious").write_text("content")

    with pytest.raises(UserError, match="Cannot write"):
        mnist.write(tmp_path / "mnist")
    assert (tmp_path / "mnist" / "precious").read_text() == "content"
