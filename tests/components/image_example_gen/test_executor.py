"""The image ExampleGen, called as TFX calls it."""

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from PIL import Image
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.types import artifact_utils, standard_artifacts

from components.errors import UserError
from components.image_example_gen import executor
from components.image_example_gen.component import ImageExampleGen
from components.image_example_gen.executor import ImageExecutor

SCHEMA = text_format.Parse(
    """
    feature { name: "image" type: BYTES }
    feature {
      name: "animal" type: BYTES
      string_domain { name: "animal" value: "cat" value: "dog" value: "cow" }
    }
    """,
    schema_pb2.Schema(),
)
SIZE = {"height": 4, "width": 5}
IMAGES = np.random.default_rng(0).integers(0, 256, (300, 4, 5), np.uint8)
LABELS = np.arange(300, dtype=np.uint8) % 3
CLASSES = ("cat", "dog", "cow")


def write_idx(path: Path, values: np.ndarray) -> None:
    content = bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
    content += values.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    write_idx(folder / "train-images-idx3-ubyte.gz", IMAGES)
    write_idx(folder / "train-labels-idx1-ubyte.gz", LABELS)
    write_idx(folder / "t10k-images-idx3-ubyte.gz", IMAGES[:2])
    write_idx(folder / "t10k-labels-idx1-ubyte.gz", LABELS[:2])
    return folder


def generate(data: Path, output: Path, **changes) -> standard_artifacts.Examples:
    """Runs the executor on train (and eval) and t10k."""
    arguments = {
        "patterns": {"train": "train-*", "eval": "train-*", "test": "t10k-*"},
        "hash_buckets": {"train": 2, "eval": 1},
        "options": ImageExampleGen.options(SCHEMA, "animal", {"images": SIZE}),
        **changes,
    }
    component = ImageExampleGen(input_base=str(data), **arguments)
    examples = standard_artifacts.Examples()
    examples.uri = str(output)
    ImageExecutor().Do({}, {"examples": [examples]}, component.exec_properties)
    return examples


def read(examples: standard_artifacts.Examples, split: str) -> list[bytes]:
    files = sorted(map(str, Path(artifact_utils.get_split_uri([examples], split)).iterdir()))
    return list(tf.data.TFRecordDataset(files, "GZIP").as_numpy_iterator())


def parsed(serialized: list[bytes]) -> dict[str, np.ndarray]:
    names = {"image": tf.string, "height": tf.int64, "width": tf.int64, "animal": tf.string}
    spec = {name: tf.io.FixedLenFeature([], kind) for name, kind in names.items()}
    spec["id"] = tf.io.FixedLenFeature([], tf.string)
    return {name: value.numpy() for name, value in tf.io.parse_example(serialized, spec).items()}


def test_images_become_examples(data, tmp_path):
    rows = parsed(read(generate(data, tmp_path / "out"), "test"))

    assert rows["image"].tolist() == [image.tobytes() for image in IMAGES[:2]]
    assert rows["height"].tolist() == [4, 4]
    assert rows["width"].tolist() == [5, 5]
    assert rows["animal"].tolist() == [b"cat", b"dog"]
    assert rows["id"].tolist() == [b"t10k/00000", b"t10k/00001"]


@pytest.mark.parametrize("batch_bytes", [1, 20 * 7, 1 << 22])
def test_every_image_is_in_one_split_and_in_input_order(data, tmp_path, monkeypatch, batch_bytes):
    monkeypatch.setattr(executor, "BATCH_BYTES", batch_bytes)
    examples = generate(data, tmp_path / "out")

    ids = [parsed(read(examples, split))["id"].tolist() for split in ("train", "eval")]

    assert all(ordered == sorted(ordered) for ordered in ids)
    assert sorted(ids[0] + ids[1]) == [b"train/%05d" % index for index in range(300)]
    assert 150 < len(ids[0]) < 250


def test_the_same_input_gives_the_same_bytes(data, tmp_path):
    def digests(output: Path) -> dict[str, str]:
        generate(data, output)
        return {
            str(file.relative_to(output)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in output.rglob("*.gz")
        }

    first = digests(tmp_path / "first")

    assert len(first) == 3
    assert digests(tmp_path / "second") == first


def test_packed_and_unpacked_files_give_the_same_examples(data, tmp_path):
    packed = generate(data, tmp_path / "packed")
    for file in data.iterdir():
        (data / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
        file.unlink()

    unpacked = generate(data, tmp_path / "unpacked")

    assert [read(unpacked, split) for split in ("train", "eval", "test")] == [
        read(packed, split) for split in ("train", "eval", "test")
    ]


def test_folders_by_class_give_the_same_images(data, tmp_path):
    for index, (image, label) in enumerate(zip(IMAGES[:30], LABELS, strict=False)):
        folder = tmp_path / "own" / ("train" if index < 27 else "test") / CLASSES[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{index}.png")

    examples = generate(
        tmp_path / "own",
        tmp_path / "out",
        patterns={"train": "train/*/*", "eval": "train/*/*", "test": "test/*/*"},
    )

    rows = parsed(read(examples, "train") + read(examples, "eval"))
    assert sorted(rows["image"]) == sorted(image.tobytes() for image in IMAGES[:27])
    pictures = dict(zip(rows["id"], rows["image"], strict=True))
    assert pictures[b"train/dog/4.png"] == IMAGES[4].tobytes()
    assert parsed(read(examples, "test"))["animal"].tolist() == [b"cat", b"cow", b"dog"]


def test_a_wrong_file_ends_it(data, tmp_path):
    write_idx(data / "t10k-labels-idx1-ubyte.gz", np.uint8([0, 3]))

    with pytest.raises(UserError, match=r"t10k-labels-idx1-ubyte\.gz: label 1 is 3"):
        generate(data, tmp_path / "out")


def test_images_without_labels_end_it(data, tmp_path):
    (data / "train-labels-idx1-ubyte.gz").unlink()

    with pytest.raises(UserError, match="has no file of labels"):
        generate(data, tmp_path / "out")


def test_a_pattern_without_files_ends_it(data, tmp_path):
    for file in data.glob("t10k-*"):
        file.unlink()

    with pytest.raises(UserError) as raised:
        generate(data, tmp_path / "out")

    assert str(raised.value) == (
        f"No file matches {data}/t10k-*. Add the file, or give another data folder."
    )


def test_a_pattern_that_matches_only_folders_ends_it(data, tmp_path):
    for file in data.glob("t10k-*"):
        file.unlink()
        file.mkdir()

    with pytest.raises(UserError) as raised:
        generate(data, tmp_path / "out")

    assert str(raised.value) == (
        f"{data}/t10k-images-idx3-ubyte.gz is a folder, not a file. Put a data file in its place."
    )


def test_too_few_rows_for_the_splits_that_share_them_end_it(data, tmp_path):
    write_idx(data / "train-images-idx3-ubyte.gz", IMAGES[:1])
    write_idx(data / "train-labels-idx1-ubyte.gz", LABELS[:1])

    with pytest.raises(UserError) as raised:
        generate(data, tmp_path / "out")

    assert str(raised.value) in {
        f"Split '{split}' has no rows: {data}/train-* contains only 1 row, too few for 2 splits. "
        "Add more rows."
        for split in ("train", "eval")
    }
