"""Sends what TensorFlow, absl and Beam say to a log file instead of the screen."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO


@contextmanager
def chatter_to(log: Path) -> Iterator[TextIO]:
    """Redirects this process's output, that of its libraries' C++ code included.

    Args:
        log: Gets it all.

    Yields:
        The real standard output, for what the user is to see.
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
        os.fdopen(os.dup(1), "w") as screen,
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
                except OSError:  # The disk is full; what is left must not go to the screen.
                    os.dup2(null.fileno(), descriptor)
                    stream.flush()
                os.dup2(copy, descriptor)
                os.close(copy)
