"""Redirects the output of TensorFlow, absl, and Beam from the screen to a log file."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO


@contextmanager
def output_to(log: Path) -> Iterator[TextIO]:
    """Redirects the output of this process, including that of C++ libraries.

    Args:
        log: The file that the output is appended to.

    Yields:
        The real standard output, for messages to the user. Characters that its encoding does not
        have are replaced.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    saved = [(descriptor, os.dup(descriptor)) for descriptor in (1, 2)]
    handler = logging.FileHandler(log, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    level = root.level
    with (
        log.open("a", encoding="utf-8") as file,
        Path(os.devnull).open("w") as null,
        os.fdopen(os.dup(1), "w", encoding=sys.stdout.encoding, errors="replace") as screen,
    ):
        for descriptor, _ in saved:
            os.dup2(file.fileno(), descriptor)
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        try:
            yield screen
        finally:
            root.removeHandler(handler)
            root.setLevel(level)
            with suppress(OSError):
                handler.close()
            for stream, (descriptor, copy) in zip((sys.stdout, sys.stderr), saved, strict=True):
                try:
                    stream.flush()
                except OSError:  # The disk is full. The rest must not go to the screen.
                    os.dup2(null.fileno(), descriptor)
                    stream.flush()
                os.dup2(copy, descriptor)
                os.close(copy)
