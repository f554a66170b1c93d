"""The ML Metadata store of a root. Imports without TFX."""

from __future__ import annotations

import re

from ml_metadata.proto import metadata_store_pb2
from pydantic import ValidationError

from components.errors import UsageError
from pipelines.metadata_url import MetadataUrl, parse_metadata_url
from pipelines.root import Root
from pipelines.settings import MetadataPassword


def connection_config(root: Root) -> metadata_store_pb2.ConnectionConfig:
    """Returns the connection to the store of a root. The first use creates the tables.

    The result contains the password of the metadata server, so it must not be shown or stored.

    Raises:
        UsageError: The URL is invalid, or the password's file cannot be read.
    """
    config = metadata_store_pb2.ConnectionConfig()
    if root.metadata is None:
        config.sqlite.filename_uri = str(root.metadata_file)
        config.sqlite.connection_mode = (
            metadata_store_pb2.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
        )
        return config
    url = parse_metadata_url(root.metadata)
    if url.server == "mysql":
        _fill_mysql(config.mysql, url)
    else:
        _fill_postgresql(config.postgresql, url)
    return config


def password() -> str:
    """Returns the password of the metadata server, or "" if none is set.

    Raises:
        UsageError: Both variables are set, or the file cannot be read.
    """
    try:
        found = MetadataPassword()
        if found.password_file is None:
            return found.password.get_secret_value() if found.password else ""
        if found.password is not None:
            raise UsageError(
                "Both TUTORIALS_METADATA_PASSWORD and TUTORIALS_METADATA_PASSWORD_FILE are set. "
                "Unset one of them."
            )
        return found.password_file.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a text file"
        raise UsageError(
            f"The file of TUTORIALS_METADATA_PASSWORD_FILE cannot be read ({reason}). "
            "Name a file that contains the password only."
        ) from None


def _fill_mysql(config: metadata_store_pb2.MySQLDatabaseConfig, url: MetadataUrl) -> None:
    # The client library takes "localhost" for a Unix socket and ignores the port.
    config.host = "127.0.0.1" if url.host == "localhost" else url.host
    config.port = url.port
    config.user = url.user
    config.password = password()
    config.database = url.database
    config.skip_db_creation = True  # a user of one database may not create others
    for name, value in url.options.items():
        setattr(config.ssl_options, name.removeprefix("ssl_"), value)


def _fill_postgresql(config: metadata_store_pb2.PostgreSQLDatabaseConfig, url: MetadataUrl) -> None:
    # ML Metadata pastes the values into a connection string without quotes.
    config.host = _quoted(url.host)
    config.port = str(url.port)
    config.user = _quoted(url.user)
    config.password = _quoted(password())
    config.dbname = _quoted(url.database)
    config.skip_db_creation = True


def _quoted(value: str) -> str:
    """Quotes a value of a connection string of libpq, if it needs that."""
    if re.fullmatch(r"[\w.:-]+", value, re.ASCII):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
