"""How a run loads its libraries."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def libraries_to_keep() -> Iterator[None]:
    """Exempts everything that the `with` body imports from garbage collection.

    TensorFlow and TFX load 8,000 modules with 600,000 objects, which stay for the whole run. The
    collector would visit them repeatedly during the imports, in each full collection, and at the
    end.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def use_onednn() -> None:
    """Makes TensorFlow use oneDNN's kernels on every processor. Call it before the first import.

    By default, TensorFlow uses them only on processors with AVX-512's instructions for neural
    networks. On other processors, its own kernels train convolutions a quarter slower. If the user
    has set `TF_ENABLE_ONEDNN_OPTS`, that value stays.
    """
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
