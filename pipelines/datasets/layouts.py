"""Finds the data that a run reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from components.errors import UsageError, UserError
from pipelines.fingerprint import files_fingerprint, source_fingerprint
from pipelines.root import without_glob_characters
from pipelines.settings import Settings
from pipelines.spec import PipelineSpec

SAMPLE = "sample"


@dataclass(frozen=True)
class DataSet:
    """A folder in a pipeline's official layout.

    Attributes:
        folder: The absolute path.
        origin: The name for the user: the embedded sample, or the folder as it was given.
        patterns: Split name -> glob below the folder.
        files: The files that match the patterns.
    """

    folder: Path
    origin: str
    patterns: Mapping[str, str]
    files: tuple[Path, ...]

    @cached_property
    def location(self) -> Path:
        """A path of the folder that TFX can read; see `pipelines.root.Root`."""
        return without_glob_characters(self.folder)

    def shown(self, text: str) -> str:
        """Returns a text with the path that the user knows in place of the location."""
        return text.replace(str(self.location), str(self.folder))

    def fingerprint(self) -> str:
        """Returns a fingerprint of the files' names, sizes, and times."""
        return files_fingerprint(self.files)


def find(spec: PipelineSpec, data: str | None, settings: Settings) -> DataSet:
    """Resolves `--data`.

    Args:
        spec: The pipeline that reads the data.
        data: `sample`, a folder, or None for the data root's copy if there is one, else the sample.
        settings: Where the data root and the samples are.

    Raises:
        UsageError: There is no such folder.
        UserError: Files are missing.
    """
    if data is None:
        folder = settings.data_root / spec.name
        if not folder.is_dir():
            return _sample(spec, settings)
    elif data == SAMPLE:
        return _sample(spec, settings)
    else:
        folder = Path(data)
        if not folder.is_dir():
            what = "is a file, not a folder" if folder.exists() else "does not exist"
            raise UsageError(
                f"The data folder {folder} {what}. Give --data a folder or '{SAMPLE}', "
                f"or download the data with 'tutorials download {spec.name}'."
            )
    return _data_set(spec, folder, str(folder))


def is_downloaded(spec: PipelineSpec, settings: Settings) -> bool:
    """Whether the data root contains the pipeline's data in one of its layouts."""
    folder = settings.data_root / spec.name
    return folder.is_dir() and not _missing(spec, folder)


def _sample(spec: PipelineSpec, settings: Settings) -> DataSet:
    version = source_fingerprint(spec.source.sample.__module__)
    folder = settings.root / "samples" / f"{spec.name}-{version}"
    if not folder.is_dir():
        spec.source.sample(folder)
    return _data_set(spec, folder, "embedded sample")


def _data_set(spec: PipelineSpec, folder: Path, origin: str) -> DataSet:
    folder = folder.resolve()
    if missing := _missing(spec, folder):
        raise UserError(
            f"{folder} has {', and '.join(missing)}. Use the layout of the official download: "
            f"tutorials download {spec.name}"
        )
    patterns = next(layout for layout in spec.source.layouts if not _without_files(folder, layout))
    found = {path for pattern in patterns.values() for path in _matches(folder, pattern)}
    files = sorted(path for path in found if path.is_file())
    return DataSet(folder, origin, patterns, tuple(files))


def _missing(spec: PipelineSpec, folder: Path) -> list[str]:
    """Returns what each layout is missing; nothing if one of them is complete."""
    missing = []
    for layout in spec.source.layouts:
        splits = _without_files(folder, layout)
        if not splits:
            return []
        pattern = layout[splits[0]]
        there = " (it is a folder)" if any(_matches(folder, pattern)) else ""
        missing.append(f"no file {pattern} for the {splits[0]} split{there}")
    return missing


def _without_files(folder: Path, layout: Mapping[str, str]) -> list[str]:
    return [
        split
        for split, pattern in layout.items()
        if not any(path.is_file() for path in _matches(folder, pattern))
    ]


def _matches(folder: Path, pattern: str) -> Iterator[Path]:
    return folder.glob(re.sub(r"\{(SPAN|VERSION|YYYY|MM|DD)(:\d+)?\}", "*", pattern))
