"""Raw Examples of numeric features as tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import tensorflow as tf

from trainer_modules.shared.tuning import untuned

ROWS_PER_BATCH = 4096


class Share(NamedTuple):
    """A worker's part of the rows.

    Attributes:
        rank: Which worker, from 0.
        workers: How many there are.
    """

    rank: int
    workers: int


ALL_ROWS = Share(0, 1)


def table_batches(
    file_patterns: Sequence[str],
    features: Sequence[str],
    label: str,
    positive: str,
    cache: Path | None = None,
    share: Share = ALL_ROWS,
) -> tf.data.Dataset:
    """Reads rows in the order of the files.

    Args:
        file_patterns: Globs of gzipped TFRecord files of Examples.
        features: Names of features of at most one float per row, in the order of the columns.
        label: Name of the label, a string.
        positive: The label's value that becomes 1.
        cache: Where to keep what was parsed, 4 bytes per value, so that reading again takes next to
            no time; there must be no such file yet. None parses each time.
        share: Reads this part only: every so many files, or rows where files are too few.

    Returns:
        Batches of (float32 [rows, features], NaN where there is no value; float32 [rows], 0 or 1).
    """
    spec = {name: tf.io.FixedLenFeature([], tf.float32, float("nan")) for name in features}
    spec[label] = tf.io.FixedLenFeature([], tf.string)

    def parse(records: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        row = tf.io.parse_example(records, spec)
        table = tf.stack([row[name] for name in features], axis=1)
        return table, tf.cast(row[label] == positive, tf.float32)

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
