"""The ML Metadata store of a root. Imports without TFX."""

from __future__ import annotations

from pathlib import Path

from ml_metadata.proto import metadata_store_pb2


def connection_config(root: Path) -> metadata_store_pb2.ConnectionConfig:
    """Returns the connection to the SQLite store of a root; the first use creates it."""
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(root / "metadata.sqlite")
    config.sqlite.connection_mode = (
        metadata_store_pb2.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    )
    return config
