"""Executor of the text ExampleGen."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from components.errors import Problems, UserError, quote
from components.example_gen.examples import serialize_example
from components.example_gen.executor import StreamingExecutor
from components.example_gen.files import is_system_file
from components.example_gen.partition import Batch
from components.text_example_gen.archive import is_archive, read_archive
from components.text_example_gen.folder import Text, read_folder

BATCH_BYTES = 1 << 22


class TextExecutor(StreamingExecutor):
    """Turns each text into an Example with `text`, the label, `rating`, and `id`."""

    def read(self, files: Sequence[str], options: Mapping[str, Any]) -> Iterator[Batch]:
        """See the base class and `TextExampleGen`.

        Raises:
            UserError: Texts are misnamed, empty, too long, or not UTF-8; a split has no texts of
                a class; or an archive is refused.
        """
        problems = Problems()
        labels: dict[str, set[str]] = {}
        waiting: dict[str, list[bytes]] = {}
        waiting_bytes: Counter[str] = Counter()
        for name, path, content in _texts(files, options["text"], problems):
            split = path["split"]
            labels.setdefault(split, set()).add(path["label"])
            if not _is_text(name, content, problems):
                continue
            records = waiting.setdefault(split, [])
            records.append(_example(path, content, options["text"]["label"]))
            waiting_bytes[split] += len(records[-1])
            if waiting_bytes[split] >= BATCH_BYTES:
                yield _batch(split, waiting.pop(split), options)
                waiting_bytes[split] = 0
        for split, records in waiting.items():
            yield _batch(split, records, options)
        problems.raise_if_any()
        _require_all_classes(labels, _source(files), options["text"])


def _texts(files: Sequence[str], options: Mapping[str, Any], problems: Problems) -> Iterator[Text]:
    parse = partial(_parse, options, problems)
    for file in files:
        yield from (read_archive if is_archive(file) else read_folder)(file, parse, problems)


def _parse(
    options: Mapping[str, Any], problems: Problems, name: str, path: str
) -> re.Match[str] | None:
    """Parses the path of a text; None if it is not one, which in a class's folder is a problem."""
    found = re.search(options["path"], path)
    if found is not None:
        return found if found["label"] in options["classes"] else None
    parts = PurePosixPath(path)
    if parts.parent.name in options["classes"] and not is_system_file(parts):
        problems.add(
            f"{name} is in the folder of a class but not named like a text. {_naming(options)}"
        )
    return None


def _naming(options: Mapping[str, Any]) -> str:
    example = f", as in {options['example']}" if "example" in options else ""
    return f"A path must contain the split, class, ID, and rating{example}."


def _is_text(name: str, content: bytes, problems: Problems) -> bool:
    """Whether the content is a text; anything else is a problem."""
    try:
        is_blank = not content.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        problems.add(f"{name} is not UTF-8 at byte {error.start + 1}. Save the text as UTF-8.")
        return False
    if is_blank:
        problems.add(f"{name} is empty. Write a text into it or remove it.")
    return not is_blank


def _require_all_classes(
    labels: Mapping[str, set[str]], source: str, options: Mapping[str, Any]
) -> None:
    if not labels:
        raise UserError(f"{source} contains no texts. {_naming(options)}")
    problems = Problems()
    for split, found in labels.items():
        for missing in (label for label in options["classes"] if label not in found):
            problems.add(
                f"{source} contains no texts of the class {quote(missing)} for the {split} split. "
                "Add texts of every class."
            )
    problems.raise_if_any()


def _source(files: Sequence[str]) -> str:
    """Returns the archive, or the folder with the folders of the classes."""
    return os.path.commonpath(
        [file if is_archive(file) else Path(file).parent.parent for file in files]
    )


def _batch(split: str, records: list[bytes], options: Mapping[str, Any]) -> Batch:
    return Batch(records, None if split in options["hash_buckets"] else split)


def _example(path: re.Match[str], content: bytes, label: str) -> bytes:
    identity = f"{path['split']}/{path['label']}/{path['id']}"
    return serialize_example(
        {
            "text": content,
            label: path["label"],
            "id": identity,
            "rating": int(path["rating"]),
        }
    )
