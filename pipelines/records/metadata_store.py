"""The ML Metadata store of a root. Imports without TFX."""

from __future__ import annotations

from ml_metadata.proto import metadata_store_pb2

from pipelines.root import Root


def connection_config(root: Root) -> metadata_store_pb2.ConnectionConfig:
    """Returns the connection to the SQLite store of a root. The first use creates the store."""
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(root.metadata_file)
    config.sqlite.connection_mode = (
        metadata_store_pb2.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    )
    return config
