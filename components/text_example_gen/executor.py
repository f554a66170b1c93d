"""Executor of the text ExampleGen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from components.errors import UserError
from components.example_gen.executor import StreamingExecutor
from components.example_gen.partition import Batch
from components.text_example_gen.archive import is_archive, read_archive
from components.text_example_gen.folder import read_folder

BATCH_BYTES = 1 << 22


class TextExecutor(StreamingExecutor):
    """Makes an Example of each text: `text`, `label`, `rating` and `id`."""

    def read(self, files: Sequence[str], options: Mapping[str, Any]) -> Iterator[Batch]:
        """See the base class and `TextExampleGen`.

        Raises:
            UserError: A text is empty or not UTF-8, a split lacks a class, or an archive is damaged
                or holds what no data set needs.
        """
        path = re.compile(options["text"]["path"])
        classes = options["text"]["classes"]

        def parse(name: str) -> re.Match[str] | None:
            found = path.search(name)
            return found if found and found["label"] in classes else None

        seen: dict[str, set[str]] = {}
        waiting: dict[str, list[bytes]] = {}
        waiting_bytes: Counter[str] = Counter()
        for name, found, content in _texts(files, parse):
            split = found["split"]
            seen.setdefault(split, set()).add(found["label"])
            records = waiting.setdefault(split, [])
            records.append(_example(name, found, content, options["text"]["label"]))
            waiting_bytes[split] += len(records[-1])
            if waiting_bytes[split] >= BATCH_BYTES:
                yield _batch(split, waiting.pop(split), options)
                waiting_bytes[split] = 0
        for split, records in waiting.items():
            yield _batch(split, records, options)
        source = files[0] if len(files) == 1 else Path(files[0]).parents[2]
        if not seen:
            raise UserError(
                f"{source} holds no texts whose paths are like {path.pattern}; "
                "give data in the official layout."
            )
        for split, labels in seen.items():
            if missing := [label for label in classes if label not in labels]:
                raise UserError(
                    f"{source} has no texts in {split}/{missing[0]}; every class needs a folder "
                    "with texts."
                )


def _texts(files: Sequence[str], parse: Any) -> Iterator[tuple[str, re.Match[str], bytes]]:
    for file in files:
        if is_archive(file):
            yield from read_archive(file, parse)
        else:
            yield from read_folder(file, parse)


def _batch(split: str, records: list[bytes], options: Mapping[str, Any]) -> Batch:
    return Batch(records, None if split in options["hash_buckets"] else split)


def _example(name: str, found: re.Match[str], content: bytes, label: str) -> bytes:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(
            f"{name} is not UTF-8 (byte {error.start + 1}); save the text as UTF-8."
        ) from None
    if not text.strip():
        raise UserError(f"{name} is empty; remove it or give it a text.")
    identity = f"{found['split']}/{found['label']}/{found['id']}"
    features = {
        "text": _bytes(content),
        label: _bytes(found["label"].encode()),
        "id": _bytes(identity.encode()),
        "rating": tf.train.Feature(int64_list=tf.train.Int64List(value=[int(found["rating"])])),
    }
    example = tf.train.Example(features=tf.train.Features(feature=features))
    return example.SerializeToString(deterministic=True)


def _bytes(value: bytes) -> tf.train.Feature:
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
