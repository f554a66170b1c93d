"""Fingerprints of source code and data files."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

_SOURCES = {".py", ".pbtxt", ".j2", ".css", ".js"}


def source_fingerprint(*names: str) -> str:
    """Hashes the source of modules and packages, including subpackages.

    TFX's cache identifies a component by its name and arguments, and ignores changes of its code.
    With this fingerprint as an argument, they invalidate the cache.

    Args:
        names: Dotted names, such as `trainer_modules.shared` or `pipelines.assembly`.
    """
    files = sorted({file for name in names for file in _files(name)})
    return _digest(part for file in files for part in (file.name.encode(), file.read_bytes()))


def files_fingerprint(files: Iterable[Path]) -> str:
    """Hashes the names, sizes, and modification times of files, as TFX's ExampleGen driver does."""
    stats = [(file, file.stat()) for file in sorted(files)]
    return _digest(f"{file} {s.st_size} {s.st_mtime_ns}".encode() for file, s in stats)


def combine(*parts: str) -> str:
    """Hashes texts into one fingerprint."""
    return _digest(part.encode() for part in parts)


def _files(name: str) -> list[Path]:
    top, _, rest = name.partition(".")
    spec = find_spec(top)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(name)
    # By path, because `find_spec` of a submodule would import its parents.
    path = Path(spec.submodule_search_locations[0], *rest.split("."))
    if path.is_dir():
        return [file for file in path.rglob("*") if file.suffix in _SOURCES]
    return [path.with_suffix(".py")]


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()[:16]


def code_version() -> str:
    """Returns the commit, with "-dirty" after edits; the package's version outside of a clone."""
    folder = Path(__file__).parent
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return version("tfx-tutorials")
    return done.stdout.strip()
