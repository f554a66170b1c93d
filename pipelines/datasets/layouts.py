"""Finds the data that a run reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath

from components.errors import UsageError, UserError
from pipelines.fingerprint import files_fingerprint, source_fingerprint
from pipelines.root import without_glob_characters
from pipelines.settings import Settings
from pipelines.spec import PipelineSpec

SAMPLE = "sample"
SAMPLE_ORIGIN = "embedded sample"

_PLACEHOLDER = re.compile(r"\{(SPAN|VERSION|YYYY|MM|DD)(:\d+)?\}")


@dataclass(frozen=True)
class DataSet:
    """A folder in a pipeline's official layout.

    Attributes:
        folder: The absolute path.
        origin: The name for the user: the embedded sample, or the folder as it was given.
        patterns: Split name -> glob below the folder. `{SPAN}` and the like work as in TFX.
        files: The files that match the patterns; none if the nodes run elsewhere.
    """

    folder: Path
    origin: str
    patterns: Mapping[str, str]
    files: tuple[Path, ...] = ()

    @cached_property
    def location(self) -> Path:
        """A path of the folder that TFX can read; see `pipelines.root.Root`."""
        return without_glob_characters(self.folder)

    @property
    def has_spans(self) -> bool:
        """Whether each run reads one span of the data."""
        return any(_PLACEHOLDER.search(pattern) for pattern in self.patterns.values())

    def shown(self, text: str) -> str:
        """Returns a text with the path that the user knows in place of the location."""
        return text.replace(str(self.location), str(self.folder))

    def fingerprint(self) -> str:
        """Returns a fingerprint of the files' names, sizes, and times."""
        return files_fingerprint(self.files)


def find(spec: PipelineSpec, data: str | None, settings: Settings) -> DataSet:
    """Resolves `--data` on this machine.

    Args:
        spec: The pipeline that reads the data.
        data: `sample`, a folder, a folder with placeholders such as `data/{YYYY}-{MM}-{DD}`, or
            None for the data root's copy if there is one, else the sample.
        settings: Where the data root and the samples are.

    Raises:
        UsageError: There is no such folder.
        UserError: Files are missing.
    """
    data = data or default_data(spec, settings)
    if data == SAMPLE:
        return _data_set(spec, write_sample(spec, settings.root), "", SAMPLE_ORIGIN)
    folder, prefix = _divide(data)
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise UsageError(
            f"The data folder {folder} {what}. Give --data a folder or '{SAMPLE}', "
            f"or download the data with 'tutorials download {spec.name}'."
        )
    return _data_set(spec, folder, prefix, data)


def planned(spec: PipelineSpec, data: str, root: Path) -> DataSet:
    """Resolves `--data` for nodes that may run elsewhere. Reads no file of the data.

    Args:
        spec: The pipeline that reads the data.
        data: `sample`, or an absolute path as the nodes see it, which may contain placeholders. If
            the folder is not visible here, it must have the first layout of the pipeline.
        root: The root as the nodes see it. It contains the samples.

    Raises:
        UsageError: The path is not absolute, or it contains glob characters.
    """
    if data == SAMPLE:
        return DataSet(sample_folder(spec, root), SAMPLE_ORIGIN, spec.source.layouts[0])
    folder, prefix = _divide(data)
    if not folder.is_absolute() or without_glob_characters(folder) != folder:
        raise UsageError(
            f"The data folder {data} is not an absolute path without the characters *?[]\\. "
            "Give the path under which all nodes see the folder."
        )
    layout = _complete_layout(spec, folder, prefix) or spec.source.layouts[0]
    return DataSet(folder, data, _below(prefix, layout))


def default_data(spec: PipelineSpec, settings: Settings) -> str:
    """Returns the data root's copy of the data if there is one, else `sample`."""
    folder = settings.data_root / spec.name
    return str(folder) if folder.is_dir() else SAMPLE


def is_downloaded(spec: PipelineSpec, settings: Settings) -> bool:
    """Whether the data root contains the pipeline's data in one of its layouts."""
    folder = settings.data_root / spec.name
    return folder.is_dir() and _complete_layout(spec, folder, "") is not None


def sample_folder(spec: PipelineSpec, root: Path) -> Path:
    """Returns the folder of the embedded sample. Its name depends on the code that writes it."""
    version = source_fingerprint(spec.source.sample.__module__)
    return root / "samples" / f"{spec.name}-{version}"


def write_sample(spec: PipelineSpec, root: Path) -> Path:
    """Writes the embedded sample below a root if it is not there, and returns its folder."""
    folder = sample_folder(spec, root)
    if not folder.is_dir():
        spec.source.sample(folder)
    return folder


def _data_set(spec: PipelineSpec, folder: Path, prefix: str, origin: str) -> DataSet:
    folder = folder.resolve()
    layout = _complete_layout(spec, folder, prefix)
    if layout is None:
        raise UserError(
            f"{folder} has {', and '.join(_missing(spec, folder, prefix))}. Use the layout of the "
            f"official download: tutorials download {spec.name}"
        )
    patterns = _below(prefix, layout)
    found = {path for pattern in patterns.values() for path in _matches(folder, pattern)}
    return DataSet(folder, origin, patterns, tuple(sorted(filter(Path.is_file, found))))


def _divide(data: str) -> tuple[Path, str]:
    """Divides a path before its first part with a placeholder."""
    if Path(data).is_dir():  # a folder may have such a name
        return Path(data), ""
    parts = Path(data).parts
    count = next((i for i, part in enumerate(parts) if _PLACEHOLDER.search(part)), len(parts))
    return Path(*parts[:count]), "/".join(parts[count:])


def _below(prefix: str, layout: Mapping[str, str]) -> dict[str, str]:
    return {split: str(PurePath(prefix, pattern)) for split, pattern in layout.items()}


def _complete_layout(spec: PipelineSpec, folder: Path, prefix: str) -> Mapping[str, str] | None:
    """Returns the first layout that has files for every split."""
    for layout in spec.source.layouts:
        if not _without_files(folder, _below(prefix, layout)):
            return layout
    return None


def _missing(spec: PipelineSpec, folder: Path, prefix: str) -> list[str]:
    """Returns what each layout is missing. None of them is complete."""
    missing = []
    for layout in spec.source.layouts:
        patterns = _below(prefix, layout)
        split = _without_files(folder, patterns)[0]
        there = " (it is a folder)" if any(_matches(folder, patterns[split])) else ""
        missing.append(f"no file {patterns[split]} for the {split} split{there}")
    return missing


def _without_files(folder: Path, layout: Mapping[str, str]) -> list[str]:
    return [
        split
        for split, pattern in layout.items()
        if not any(path.is_file() for path in _matches(folder, pattern))
    ]


def _matches(folder: Path, pattern: str) -> Iterator[Path]:
    return folder.glob(_PLACEHOLDER.sub("*", pattern))
