"""Reads raw Examples as tables of numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.tf_metadata import schema_utils

from trainer_modules.shared.datasets import target
from trainer_modules.shared.preprocessing import TABLE
from trainer_modules.shared.tuning import untuned

ROWS_PER_BATCH = 4096


class Share(NamedTuple):
    """A worker's part of the rows.

    Attributes:
        rank: The number of the worker, from 0.
        workers: The number of workers.
    """

    rank: int
    workers: int


ALL_ROWS = Share(0, 1)


def table_batches(
    file_patterns: Sequence[str],
    schema: schema_pb2.Schema,
    label: str,
    transform: Callable[[dict[str, Any]], dict[str, tf.Tensor]],
    cache: Path | None = None,
    share: Share = ALL_ROWS,
) -> tf.data.Dataset:
    """Reads rows in the order of the files.

    Args:
        file_patterns: Globs of gzipped TFRecord files of Examples.
        schema: The features and their types.
        label: The feature that becomes the target; see `datasets.target`.
        transform: Raw features -> TABLE, float32 [n, columns].
        cache: The file for a copy of the table, at 4 bytes per value. Reading it again takes almost
            no time. The file must not exist yet. None reads the Examples each time.
        share: The part to read: every n-th file, or every n-th row if there are too few files.

    Returns:
        Batches of (float32 [rows, columns]; target, float32 [rows]).
    """
    spec = schema_utils.schema_as_feature_spec(schema).feature_spec

    @tf.autograph.experimental.do_not_convert
    def parse(records: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        features = tf.io.parse_example(records, spec)
        labels = target(features.pop(label), schema, label)
        return transform(features)[TABLE], tf.cast(labels[:, 0], tf.float32)

    files = tf.data.Dataset.list_files(list(file_patterns), shuffle=False)
    by_file = int(files.cardinality()) >= share.workers
    if by_file:
        files = files.shard(share.workers, share.rank)
    records = untuned(tf.data.TFRecordDataset(files, compression_type="GZIP"))
    if not by_file:
        records = records.shard(share.workers, share.rank)
    batches = records.batch(ROWS_PER_BATCH).map(parse, num_parallel_calls=tf.data.AUTOTUNE)
    if cache is not None:
        batches = batches.cache(str(cache))
    return batches.prefetch(tf.data.AUTOTUNE)
