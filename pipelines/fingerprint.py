"""Fingerprints of source code and of data files, without importing or reading more than needed."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

_BLOCK = 1 << 20

_SOURCES = {".py", ".pbtxt", ".j2", ".css", ".js"}


def source_fingerprint(*names: str) -> str:
    """Hashes the source of modules and packages (with all that is below them).

    TFX's cache knows a component by its name and arguments: a changed line of code would go
    unnoticed. Passed as an argument, this makes the cache see it.

    Args:
        names: Dotted names such as `trainer_modules.shared` or `pipelines.assembly`.
    """
    files = sorted({file for name in names for file in _files(name)})
    return _digest(part for file in files for part in (file.name.encode(), file.read_bytes()))


def files_fingerprint(files: Iterable[Path]) -> str:
    """Hashes names, sizes and modification times, as TFX's ExampleGen driver does."""
    stats = [(file, file.stat()) for file in sorted(files)]
    return _digest(f"{file} {s.st_size} {s.st_mtime_ns}".encode() for file, s in stats)


def content_fingerprint(folder: Path, files: Iterable[Path]) -> str:
    """Hashes what is in files: the same for the same data, wherever it lies and whenever it came.

    Args:
        folder: What the files' names are relative to.
        files: To be read whole, at more than 1 GB/s.
    """
    digests = []
    for file in sorted(files):
        digest = hashlib.sha256()
        with file.open("rb") as content:
            while block := content.read(_BLOCK):
                digest.update(block)
        digests.append((file.relative_to(folder).as_posix().encode(), digest.digest()))
    return _digest(part for pair in digests for part in pair)


def combine(*parts: str) -> str:
    """Hashes texts into one fingerprint."""
    return _digest(part.encode() for part in parts)


def _files(name: str) -> list[Path]:
    top, _, rest = name.partition(".")
    spec = find_spec(top)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(name)
    # By path: `find_spec` of anything deeper would import its parents.
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
    """Returns the commit, "-dirty" if files were edited since; elsewhere the package's version."""
    folder = Path(__file__).parent
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return version("tfx-tutorials")
    return done.stdout.strip()
