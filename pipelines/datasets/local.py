"""Finds the data that a run reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from components.errors import UsageError, UserError
from pipelines.fingerprint import files_fingerprint, source_fingerprint
from pipelines.settings import Settings
from pipelines.tutorial import Tutorial

SAMPLE = "sample"


@dataclass(frozen=True)
class DataSet:
    """A folder in a tutorial's official layout.

    Attributes:
        folder: Absolute path.
        origin: What the user is told: the embedded sample, or which folder.
        files: The files that the tutorial's patterns match.
        official: Whether figures published for the official data say anything about it.
    """

    folder: Path
    origin: str
    files: tuple[Path, ...]
    official: bool

    def fingerprint(self) -> str:
        """Changes when a file does."""
        return files_fingerprint(self.files)


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
    return DataSet(folder.resolve(), str(folder), _files(tutorial, folder.resolve()), official=True)


def _sample(tutorial: Tutorial, settings: Settings) -> DataSet:
    version = source_fingerprint(tutorial.source.sample.__module__)
    folder = (settings.root / "samples" / f"{tutorial.name}-{version}").resolve()
    if not folder.is_dir():
        tutorial.source.sample(folder)
    return DataSet(folder, "embedded sample", _files(tutorial, folder), official=False)


def _files(tutorial: Tutorial, folder: Path) -> tuple[Path, ...]:
    files: set[Path] = set()
    for split, pattern in tutorial.source.patterns.items():
        found = sorted(folder.glob(re.sub(r"\{(SPAN|VERSION|YYYY|MM|DD)(:\d+)?\}", "*", pattern)))
        if not found:
            raise UserError(
                f"{folder} has no {pattern} for the {split} split; "
                f"the layout is that of the official download ('tutorials data {tutorial.name}')."
            )
        for file in found:
            if not file.stat().st_size:
                raise UserError(f"{file} is empty; give a file with rows.")
        files.update(found)
    return tuple(sorted(files))
