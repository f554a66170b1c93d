"""The folder of runs, metadata, and pushed models."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from components.errors import UsageError, quote
from components.user_cache import user_cache
from pipelines.metadata_url import parse_metadata_url

_GLOB_CHARACTERS = frozenset("*?[]{}\\")


@dataclass(frozen=True)
class Root:
    """A folder of runs under two paths.

    Attributes:
        path: The absolute path that the user knows.
        location: A path of the same folder for TensorFlow, TFX, and Beam, which expand glob
            characters in every path. It equals `path` if that has none.
        metadata: The URL of the server of ML Metadata, without a password. None is an SQLite file
            in the root.
    """

    path: Path
    location: Path
    metadata: str | None = None

    @classmethod
    def at(cls, path: Path, metadata: str | None = None) -> Root:
        """Returns the root at a path. The folder need not exist.

        Args:
            path: The folder.
            metadata: The URL of the server of ML Metadata; None for SQLite.

        Raises:
            UsageError: The path or the URL is invalid, or the path is a file.
        """
        try:
            path = path.resolve()
            is_file = path.exists() and not path.is_dir()
        except (OSError, ValueError) as error:  # too long, or with a null character
            raise UsageError(
                f"The root {quote(str(path))} is not a valid path ({error}). "
                "Give a folder with --root."
            ) from None
        if is_file:
            raise UsageError(f"The root {path} is a file. Give a folder with --root.")
        if metadata:  # an empty environment variable means none
            parse_metadata_url(metadata)
        return cls(path, without_glob_characters(path), metadata or None)

    @property
    def metadata_file(self) -> Path:
        """The SQLite file of ML Metadata, if no server has it."""
        return self.location / "metadata.sqlite"

    @property
    def lock_file(self) -> Path:
        """The lock of the process that runs a pipeline. The SQLite store allows one writer."""
        return self.path / ".lock"

    @property
    def running_file(self) -> Path:
        """Contains the name of the run of the process that holds the lock."""
        return self.path / ".running"

    @property
    def identity_file(self) -> Path:
        """Contains the root's identifier; see `pipelines.records.root_identity`."""
        return self.path / ".root-id"

    def run_lock_file(self, run_id: str) -> Path:
        """The lock of the process that runs nodes of a run, if a server has the metadata."""
        return self.path / ".locks" / run_id

    def log_file(self, run_id: str) -> Path:
        """The log of a run."""
        return self.path / "logs" / f"{run_id}.log"

    def serving_folder(self, pipeline: str) -> Path:
        """The folder for versions of a pipeline's pushed model."""
        return self.location / "serving" / pipeline

    def shown(self, text: str) -> str:
        """Returns a text with `path` in place of `location`."""
        return text.replace(str(self.location), str(self.path))


def without_glob_characters(path: Path) -> Path:
    """Returns a path of the same file or folder that no library expands as a glob.

    Args:
        path: An absolute path.

    Returns:
        The path itself, or a symbolic link to it in the user's cache.
    """
    if _GLOB_CHARACTERS.isdisjoint(str(path)):
        return path
    link = user_cache() / "links" / hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        partial = link.with_name(f"{link.name}.{os.getpid()}")
        partial.symlink_to(path)
        partial.replace(link)
    return link
