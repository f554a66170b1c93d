"""Lets Python's garbage collector be while libraries load."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def libraries_to_keep() -> Iterator[None]:
    """Takes all that its body imports for as long-lived as the process.

    TensorFlow and TFX bring eight thousand modules of 600,000 objects. The collector would go over
    them again and again while they load, at each full collection of the run, and at its end.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
