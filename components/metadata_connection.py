"""How a running component reaches ML Metadata.

TFX passes no connection to executors. An execution property would store it, with its password, in
ML Metadata and in the compiled pipeline. So the caller that runs a node sets the open store here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_store: ContextVar[Any] = ContextVar("store")


@contextmanager
def connected_to(store: Any) -> Iterator[None]:
    """Makes an open `ml_metadata.MetadataStore` the current one while the `with` body runs."""
    token = _store.set(store)
    try:
        yield
    finally:
        _store.reset(token)


def current_store() -> Any:
    """Returns the `ml_metadata.MetadataStore` of the node that is running."""
    return _store.get()
