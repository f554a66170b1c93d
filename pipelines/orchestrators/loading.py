"""How a run loads its libraries."""

from __future__ import annotations

import gc
import os
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


def use_onednn() -> None:
    """Has TensorFlow take oneDNN's kernels on every processor; call it before the first import.

    By itself it takes them only where there are AVX-512's instructions for neural networks. On
    other processors its own kernels train convolutions a fourth more slowly. Whoever has set
    `TF_ENABLE_ONEDNN_OPTS` is obeyed.
    """
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
