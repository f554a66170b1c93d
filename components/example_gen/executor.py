"""Streams serialized tf.Examples from files into the TFRecords of the splits."""

from __future__ import annotations

import abc
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from google.protobuf import wrappers_pb2
from tfx.components.util import examples_utils
from tfx.dsl.components.base import base_beam_executor
from tfx.dsl.io import fileio
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils
from tfx.utils import proto_utils

from components.errors import UserError
from components.example_gen.content import content_fingerprint, record_content
from components.example_gen.digest import DIGESTED_SPLIT, RowsDigest, record_digest
from components.example_gen.partition import Batch, Partition
from components.example_gen.records import RecordWriter
from components.example_gen.tail import Tail


class StreamingExecutor(base_beam_executor.BaseBeamExecutor, abc.ABC):
    """Writes each split as gzipped TFRecords, in input order, in bounded memory.

    The same input gives the same bytes.
    """

    @abc.abstractmethod
    def read(self, files: Sequence[str], options: Mapping[str, Any]) -> Iterator[Batch]:
        """Yields all rows of the files, which match one pattern.

        Args:
            files: Paths, sorted.
            options: The options of `StreamingExampleGen`.

        Raises:
            UserError: A file does not have the expected format. The message names the file, the
                place, and the remedy.
        """

    def count(self, files: Sequence[str], options: Mapping[str, Any]) -> int:
        """Counts the rows that `read` yields. Called only if a split is the tail of its files."""
        return sum(len(batch.records) for batch in self.read(files, options))

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes the splits. TFX's driver has resolved spans and versions in the patterns.

        Raises:
            UserError: A pattern matches no file, `read` refuses a file, or a split has no rows.
        """
        del input_dict
        input_config = example_gen_pb2.Input()
        proto_utils.json_to_proto(exec_properties["input_config"], input_config)
        options = _options(exec_properties["custom_config"])
        base = exec_properties["input_base"]

        sharers: dict[str, list[str]] = {}
        for split in input_config.splits:
            sharers.setdefault(split.pattern, []).append(split.name)

        (examples,) = output_dict["examples"]
        examples.split_names = artifact_utils.encode_split_names(
            [split.name for split in input_config.splits]
        )
        examples_utils.set_payload_format(examples, example_gen_pb2.PayloadFormat.FORMAT_TF_EXAMPLE)
        examples_utils.set_file_format(examples, "tfrecords_gzip")

        digest = RowsDigest()
        read: set[Path] = set()
        for pattern, splits in sharers.items():
            source = str(Path(base, pattern))
            with ExitStack() as stack:
                writers = {
                    split: stack.enter_context(
                        RecordWriter(artifact_utils.get_split_uri([examples], split))
                    )
                    for split in splits
                }
                files = _files(source)
                read.update(path for path in map(Path, files) if path.is_file())
                self._write(files, writers, options, digest)
            _require_rows(source, {split: writers[split].count for split in splits}, options)
        record_digest(examples, digest)
        record_content(examples, content_fingerprint(Path(base), read))

    def _write(
        self,
        files: Sequence[str],
        writers: Mapping[str, RecordWriter],
        options: Mapping[str, Any],
        digest: RowsDigest,
    ) -> None:
        """Writes the rows of one pattern's files to the splits that share them."""
        partition = Partition(list(writers), options["hash_buckets"])
        batches = self.read(files, options)
        if options["tail"] and options["tail"]["split"] in writers:
            batches = Tail(**options["tail"]).cut(batches, self.count(files, options))
        for batch in batches:
            for split, records in partition.cut(batch):
                writers[split].write(records)
                if split == DIGESTED_SPLIT:
                    digest.add(records)


def _files(pattern: str) -> list[str]:
    """Returns the paths that match a pattern, sorted; folders are left to `read`.

    Raises:
        UserError: No file matches.
    """
    found = sorted(fileio.glob(pattern))
    if not found:
        raise UserError(f"No file matches {pattern}. Add the file, or give another data folder.")
    if all(map(fileio.isdir, found)):
        raise UserError(f"{found[0]} is a folder, not a file. Put a data file in its place.")
    return found


def _require_rows(source: str, rows: Mapping[str, int], options: Mapping[str, Any]) -> None:
    """Checks that no split is empty.

    Args:
        source: The pattern of the files.
        rows: Split name -> number of rows, for the splits that share the files.
        options: The options of the executor.
    """
    tail = (options["tail"] or {}).get("split")
    total = sum(rows.values())
    for split in (split for split, count in rows.items() if not count):
        cause = f"{source} contains no rows for it"
        if total and (split == tail or split in options["hash_buckets"]):
            count = "1 row" if total == 1 else f"{total:,} rows"
            cause = f"{source} contains only {count}, too few for {len(rows)} splits"
        raise UserError(f"Split '{split}' has no rows: {cause}. Add more rows.")


def _options(custom_config: str) -> dict[str, Any]:
    """Unpacks the options that `StreamingExampleGen` packed."""
    config = example_gen_pb2.CustomConfig()
    proto_utils.json_to_proto(custom_config, config)
    packed = wrappers_pb2.StringValue()
    config.custom_config.Unpack(packed)
    options: dict[str, Any] = json.loads(packed.value)
    return options
