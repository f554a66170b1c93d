"""How a running component reaches ML Metadata.

TFX passes no connection to executors. An execution property would store it, with its password, in
ML Metadata and in the compiled pipeline. So the caller that runs a node sets the connection here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import ml_metadata
from ml_metadata.proto import metadata_store_pb2

_connection: ContextVar[metadata_store_pb2.ConnectionConfig] = ContextVar("connection")


@contextmanager
def connected_to(config: metadata_store_pb2.ConnectionConfig) -> Iterator[None]:
    """Makes a connection the current one while the `with` body runs."""
    token = _connection.set(config)
    try:
        yield
    finally:
        _connection.reset(token)


def current_store() -> Any:
    """Returns the `ml_metadata.MetadataStore` of the node that is running."""
    return ml_metadata.MetadataStore(_connection.get())
