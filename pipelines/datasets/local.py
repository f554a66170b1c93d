"""Finds the data that a run reads."""

from __future__ import annotations

import re
import shutil
import tempfile
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
    """

    folder: Path
    origin: str
    files: tuple[Path, ...]

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
    return _check(tutorial, folder.resolve(), f"{folder}")


def _sample(tutorial: Tutorial, settings: Settings) -> DataSet:
    version = source_fingerprint(tutorial.source.sample.__module__)
    folder = (settings.root / "samples" / f"{tutorial.name}-{version}").resolve()
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: an interrupted generation must not pass for a sample.
        with tempfile.TemporaryDirectory(dir=folder.parent) as staging:
            tutorial.source.sample(Path(staging, "sample"))
            shutil.move(str(Path(staging, "sample")), folder)
    return _check(tutorial, folder, "embedded sample")


def _check(tutorial: Tutorial, folder: Path, origin: str) -> DataSet:
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
    return DataSet(folder, origin, tuple(sorted(files)))
