"""Finds the data that a run reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from components.errors import UsageError, UserError
from pipelines.fingerprint import (
    content_fingerprint,
    files_fingerprint,
    source_fingerprint,
)
from pipelines.settings import Settings
from pipelines.tutorial import Tutorial

SAMPLE = "sample"


@dataclass(frozen=True)
class DataSet:
    """A folder in a tutorial's official layout.

    Attributes:
        folder: Absolute path.
        origin: What the user is told: the embedded sample, or which folder.
        patterns: Split name -> glob below the folder.
        files: The files that the patterns match.
        official: Whether figures published for the official data say anything about it.
    """

    folder: Path
    origin: str
    patterns: Mapping[str, str]
    files: tuple[Path, ...]
    official: bool

    def fingerprint(self) -> str:
        """Changes when a file does."""
        return files_fingerprint(self.files)

    def content(self) -> str:
        """Says which data it is: changes with what is in the files, and only with that."""
        return content_fingerprint(self.folder, self.files)


def find(tutorial: Tutorial, data: str | None, settings: Settings) -> DataSet:
    """Resolves `--data`.

    Args:
        tutorial: Whose data.
        data: `sample`, a folder, or None: the data root's copy if there is one, else the sample.
        settings: Where the data root and the samples are.

    Raises:
        UsageError: There is no such folder.
        UserError: Files are missing or empty.
    """
    if data is None:
        folder = settings.data_root / tutorial.name
        if not folder.is_dir():
            return _sample(tutorial, settings)
    elif data == SAMPLE:
        return _sample(tutorial, settings)
    else:
        folder = Path(data)
        if not folder.is_dir():
            raise UsageError(
                f"There is no data folder {folder}; give --data a folder or '{SAMPLE}', "
                f"or download with 'tutorials data {tutorial.name}'."
            )
    return _data_set(tutorial, folder, str(folder), official=True)


def _sample(tutorial: Tutorial, settings: Settings) -> DataSet:
    version = source_fingerprint(tutorial.source.sample.__module__)
    folder = settings.root / "samples" / f"{tutorial.name}-{version}"
    if not folder.is_dir():
        tutorial.source.sample(folder)
    return _data_set(tutorial, folder, "embedded sample", official=False)


def _data_set(tutorial: Tutorial, folder: Path, origin: str, *, official: bool) -> DataSet:
    folder = folder.resolve()
    patterns = _patterns(tutorial, folder)
    files = sorted({file for pattern in patterns.values() for file in _matches(folder, pattern)})
    for file in files:
        if not file.stat().st_size:
            raise UserError(f"{file} is empty; give a file with rows.")
    return DataSet(folder, origin, patterns, tuple(files), official)


def _patterns(tutorial: Tutorial, folder: Path) -> Mapping[str, str]:
    """Returns the first layout of which there are files for all splits."""
    missing = []
    for layout in tutorial.source.layouts:
        lacking = [split for split in layout if not any(_matches(folder, layout[split]))]
        if not lacking:
            return layout
        missing.append(f"no {layout[lacking[0]]} for the {lacking[0]} split")
    raise UserError(
        f"{folder} has {', and '.join(missing)}; "
        f"the layout is that of the official download ('tutorials data {tutorial.name}')."
    )


def _matches(folder: Path, pattern: str) -> Iterator[Path]:
    return folder.glob(re.sub(r"\{(SPAN|VERSION|YYYY|MM|DD)(:\d+)?\}", "*", pattern))
