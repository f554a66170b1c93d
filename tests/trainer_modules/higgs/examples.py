"""Examples like those of HIGGS, with a label that depends on one mass."""

from collections.abc import Sequence
from functools import partial
from importlib.resources import files
from pathlib import Path

import numpy as np
import tensorflow as tf

from schemas.reader import read_schema
from tests.trainer_modules.transform import write_transform_graph
from trainer_modules.higgs import features as f
from trainer_modules.higgs.preprocessing import preprocessing_fn

CLASSES = ("background", "signal")


def rows(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns a table, float32 [count, 28], and labels, 0 or 1."""
    random = np.random.default_rng(seed)
    table = np.abs(random.normal(1, 0.4, size=(count, len(f.FEATURES)))).astype(np.float32)
    for name in f.B_TAGS:
        table[:, f.FEATURES.index(name)] = random.choice(np.float32([0, 1.1, 2.2]), count)
    odds = 6 * np.abs(table[:, f.FEATURES.index("m_bb")] - 1) - 2
    return table, (random.random(count) < 1 / (1 + np.exp(-odds))).astype(int)


def example(values: np.ndarray, label: int | None = None) -> bytes:
    """Returns a serialized Example."""
    features = {
        name: tf.train.Feature(float_list={"value": [value]})
        for name, value in zip(f.FEATURES, values, strict=True)
    }
    if label is not None:
        features[f.LABEL] = tf.train.Feature(bytes_list={"value": [CLASSES[label].encode()]})
    return tf.train.Example(features={"feature": features}).SerializeToString()


def write(split: Path, table: np.ndarray, labels: Sequence[int], shards: int = 1) -> None:
    """Writes the files of a split."""
    split.mkdir(parents=True)
    for shard in range(shards):
        with tf.io.TFRecordWriter(str(split / f"data-{shard:05d}.gz"), "GZIP") as writer:
            for values, label in list(zip(table, labels, strict=True))[shard::shards]:
                writer.write(example(values, label))


def write_graph(folder: Path, table: np.ndarray, preset: str = "tuned") -> str:
    """Analyzes a table, as Transform does. Returns the path of the graph."""
    return write_transform_graph(
        folder,
        partial(preprocessing_fn, custom_config={"parameters": {"preset": preset}}),
        read_schema(Path(str(files("schemas") / "higgs.pbtxt"))),
        [
            {**dict(zip(f.FEATURES, values, strict=True)), f.LABEL: CLASSES[0]}
            for values in (table if preset == "tutorial" else table[:1])
        ],
    )
