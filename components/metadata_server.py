"""What ML Metadata lacks for database servers: reasons of failures, and a safe first use.

ML Metadata reports every failure to connect with the same empty text, and two processes that use
an empty database at once leave duplicate types or an error. So a plain SQL session comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from ml_metadata.proto.metadata_store_pb2 import ConnectionConfig

from components.errors import TemporaryError, UserError

CONNECT_SECONDS, LOCK_SECONDS = 10, 120

_TABLES = (
    *("Type", "TypeProperty", "ParentType", "Artifact", "ArtifactProperty", "Execution"),
    *("ExecutionProperty", "Event", "EventPath", "MLMDEnv", "Context", "ContextProperty"),
    *("ParentContext", "Association", "Attribution"),
)
"""ML Metadata's tables, in the order in which it creates them."""

_STRING_INDEXES = {
    "artifact": "ArtifactProperty",
    "execution": "ExecutionProperty",
    "context": "ContextProperty",
}
"""Part of the name of an index -> its table."""

# MySQL: 1040 too many connections, 1053 shutdown, 2002 to 2006 and 2013 no or lost connection.
_TEMPORARY_MYSQL = frozenset({1040, 1053, 2002, 2003, 2005, 2006, 2013})
_TEMPORARY_POSTGRESQL = re.compile(
    r"starting up|shutting down|recovery mode|too many|remaining connection slots|refused"
    r"|timeout|timed out|closed the connection|unreachable|reset by peer|could not translate"
    r"|failed to resolve|terminating connection|[Nn]ame or service"
)

_LOST = re.compile(
    r"gone away|[Ll]ost connection|closed the connection|terminating connection|[Ss]erver shutdown"
    r"|no connection to the server|could not receive data|could not send data|[Dd]eadlock"
    r"|reset by peer|Broken pipe|starting up|shutting down|SSL SYSCALL|[Ll]ock wait timeout"
    r"|could not serialize|source error: $"
)
"""What ML Metadata's errors contain if the connection was lost, or another process was first."""


def is_server(config: ConnectionConfig) -> bool:
    """Whether a connection leads to a database server."""
    return config.HasField("mysql") or config.HasField("postgresql")


def address_of(config: ConnectionConfig) -> str:
    """Returns the host and the port of a database server."""
    server = config.mysql if config.HasField("mysql") else config.postgresql
    return f"{server.host}:{server.port}"


def is_temporary(config: ConnectionConfig, error: Exception) -> bool:
    """Whether another attempt can cure an error of ML Metadata."""
    return is_server(config) and bool(_LOST.search(str(error)))


def interrupted(config: ConnectionConfig, error: Exception) -> TemporaryError:
    """Returns the message for an error that `is_temporary`."""
    return TemporaryError(
        f"The metadata server {address_of(config)} interrupted the work ({_reason(error)}). "
        "Run the same command again when it is back."
    )


@contextmanager
def session(config: ConnectionConfig) -> Iterator[Any]:
    """Opens an SQL session, in which each statement commits.

    Yields:
        A cursor of DB-API.

    Raises:
        TemporaryError: The server is away or busy.
        UserError: The server refuses the user, the password, or the database.
    """
    connection = _mysql(config) if config.HasField("mysql") else _postgresql(config)
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


@contextmanager
def locked(config: ConnectionConfig) -> Iterator[Any]:
    """Holds a lock of the database, so that one process at a time changes types or tables.

    Yields:
        A cursor of DB-API.

    Raises:
        TemporaryError: The lock was not free in time.
    """
    with session(config) as sql:
        if config.HasField("mysql"):  # whose locks belong to the whole server
            sql.execute(
                f"SELECT GET_LOCK(SHA1(CONCAT('ml_metadata.', DATABASE())), {LOCK_SECONDS})"
            )
            free = sql.fetchone() == (1,)
        else:
            from psycopg.errors import LockNotAvailable

            sql.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
            try:
                sql.execute("SELECT pg_advisory_lock(hashtext('ml_metadata'))")
                free = True
            except LockNotAvailable:
                free = False
        if not free:
            raise TemporaryError(
                f"The metadata server {address_of(config)} has been locked for {LOCK_SECONDS} s by "
                "another process. Run the same command again."
            )
        yield sql  # the end of the session frees the lock


def is_prepared(config: ConnectionConfig, sql: Any) -> bool:
    """Whether the database has ML Metadata's tables and basic types.

    Args:
        config: The connection.
        sql: A cursor of a `session`.
    """
    from psycopg import errors
    from pymysql import ProgrammingError

    index = "NULL" if config.HasField("mysql") else f"to_regclass('{_index('context')}') IS NULL"
    try:
        sql.execute(f"SELECT {index} FROM MLMDEnv CROSS JOIN Type LIMIT 1")
    except (ProgrammingError, errors.UndefinedTable):
        return False
    return sql.fetchone() in ((None,), (False,))


def prepare(config: ConnectionConfig, create: Any) -> None:
    """Creates the tables, unless another process has. One process at a time does this.

    Args:
        config: The connection.
        create: A function that opens the store once, which creates the tables.
    """
    with locked(config) as sql:
        if is_prepared(config, sql):
            return
        _remove_incomplete(config, sql)
        create()
        if config.HasField("postgresql"):
            _shorten_indexes(sql)


def _remove_incomplete(config: ConnectionConfig, sql: Any) -> None:
    """Removes empty tables that a killed process left. MySQL cannot undo their creation."""
    from pymysql import ProgrammingError

    if config.HasField("postgresql"):  # which creates them in one transaction
        return
    try:
        sql.execute("SELECT 1 FROM Type LIMIT 1")
    except ProgrammingError:  # no tables at all
        return
    if sql.fetchone() is None:
        sql.execute(f"DROP TABLE IF EXISTS {', '.join(f'`{table}`' for table in _TABLES)}")


def _shorten_indexes(sql: Any) -> None:
    """Lets PostgreSQL index the beginnings of texts.

    ML Metadata indexes whole texts there, so a property of more than 2,704 bytes is refused.
    """
    for kind, table in _STRING_INDEXES.items():
        sql.execute(f"DROP INDEX IF EXISTS idx_{kind}_property_string")
        sql.execute(
            f"CREATE INDEX IF NOT EXISTS {_index(kind)} ON {table} "
            "(name, is_custom_property, left(string_value, 255))"
        )


def _index(kind: str) -> str:
    return f"idx_{kind}_property_string_255"


def _mysql(config: ConnectionConfig) -> Any:
    import pymysql

    server = config.mysql
    tls = {
        name: getattr(server.ssl_options, name)
        for name in ("ca", "capath", "cert", "key", "cipher")
        if server.ssl_options.HasField(name)
    }
    try:
        return pymysql.connect(
            host=server.host,
            port=server.port,
            user=server.user,
            password=server.password,
            database=server.database,
            ssl=tls or None,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=LOCK_SECONDS + CONNECT_SECONDS,
        )
    except (pymysql.MySQLError, OSError, RuntimeError) as error:
        number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        _refused(config, error, temporary=number in _TEMPORARY_MYSQL)


def _postgresql(config: ConnectionConfig) -> Any:
    import psycopg

    server = config.postgresql
    try:
        # ML Metadata has no TLS for PostgreSQL, so this session must do without it, too.
        return psycopg.connect(
            f"host={server.host} port={server.port} dbname={server.dbname} user={server.user} "
            f"password={server.password} sslmode=disable connect_timeout={CONNECT_SECONDS}",
            autocommit=True,
        )
    except psycopg.Error as error:
        _refused(config, error, temporary=bool(_TEMPORARY_POSTGRESQL.search(str(error))))


def _refused(config: ConnectionConfig, error: Exception, *, temporary: bool) -> NoReturn:
    if temporary:
        raise TemporaryError(
            f"The metadata server {address_of(config)} cannot be reached ({_reason(error)}). "
            "Start it or correct --metadata, then run the same command again."
        ) from None
    raise UserError(
        f"The metadata server {address_of(config)} refused the connection ({_reason(error)}). "
        "Check the user and the database in --metadata, and the password in "
        "TUTORIALS_METADATA_PASSWORD or in the file of TUTORIALS_METADATA_PASSWORD_FILE. "
        "See docs/deploy/metadata.md."
    ) from None


def _reason(error: Exception) -> str:
    """Returns an error's text in one line."""
    text = str(error.args[-1]) if error.args else type(error).__name__
    # The address is part of our own message.
    text = re.sub(r'connection (to server at|failed: )[^:]*?"[^:]*failed: ', "", text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__
