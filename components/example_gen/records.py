"""Writes TFRecords where TFX's readers look for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import tensorflow as tf

ROWS_PER_FILE = 500_000
"""Small enough that the workers of a cluster share a split, and large enough for few files."""

COMPRESSION_LEVEL = 1
"""gzip level 1 writes about three times as fast as level 6; its files are a sixth larger."""


class RecordWriter:
    """Writes one split as `data_tfrecord-NNNNN.gz` files. A context manager.

    Attributes:
        count: The number of rows written.
    """

    def __init__(self, folder: str):
        """Creates the folder.

        Args:
            folder: The folder of the split. Its files are created as rows are written.
        """
        self.count = 0
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._writer: Any = None

    def write(self, records: Sequence[bytes]) -> None:
        """Appends serialized tf.Examples."""
        for record in records:
            if self.count % ROWS_PER_FILE == 0:
                self._next_file()
            self._writer.write(record)
            self.count += 1

    def _next_file(self) -> None:
        self._close()
        name = f"data_tfrecord-{self.count // ROWS_PER_FILE:05d}.gz"
        options = tf.io.TFRecordOptions("GZIP", compression_level=COMPRESSION_LEVEL)
        self._writer = tf.io.TFRecordWriter(str(self._folder / name), options)

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def __enter__(self) -> RecordWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()
