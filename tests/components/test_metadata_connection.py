"""The connection of a running component to ML Metadata."""

import pytest
from ml_metadata.proto import metadata_store_pb2

from components.metadata_connection import connected_to, current_store


def connection(file) -> metadata_store_pb2.ConnectionConfig:
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(file)
    config.sqlite.connection_mode = 3
    return config


def test_the_innermost_connection_is_the_current_one(tmp_path):
    with connected_to(connection(tmp_path / "outer")):
        with connected_to(connection(tmp_path / "inner")):
            current_store().get_artifacts()
        assert [path.name for path in tmp_path.iterdir()] == ["inner"]


def test_outside_a_node_there_is_none():
    with pytest.raises(LookupError):
        current_store()
