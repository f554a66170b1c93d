"""The address of a metadata server. It never contains the password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from components.errors import UsageError, did_you_mean, quote

Server = Literal["mysql", "postgresql"]

_SERVERS: Mapping[str, Server] = {
    "mysql": "mysql",
    "mariadb": "mysql",
    "postgresql": "postgresql",
    "postgres": "postgresql",
}
"""Scheme of a URL -> the kind of server."""

_PORTS: Mapping[Server, int] = {"mysql": 3306, "postgresql": 5432}

OPTIONS: Mapping[Server, tuple[str, ...]] = {
    "mysql": ("ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "ssl_cipher"),
    "postgresql": (),  # ML Metadata has no TLS for it
}
"""The query parameters of a URL: the options of TLS."""

_EXAMPLE = "mysql://user@host:3306/database or postgresql://user@host:5432/database"


@dataclass(frozen=True)
class MetadataUrl:
    """A parsed URL of a metadata server.

    Attributes:
        server: The kind of server. MariaDB is used like MySQL.
        user: The user's name.
        host: The name or address of the machine.
        port: The port.
        database: The name of the database.
        options: Those of `OPTIONS` that the URL contains.
    """

    server: Server
    user: str
    host: str
    port: int
    database: str
    options: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Names the database in messages."""
        return f"{self.database} on {self.host}:{self.port}"


def parse_metadata_url(url: str) -> MetadataUrl:
    """Parses the URL of a metadata server.

    Raises:
        UsageError: The URL is invalid, or it contains a password. The message does not repeat it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:  # an invalid port or IPv6 address
        # Its text may contain the password: "//user:secret" has the port "secret".
        reason = "port" if "ort" in str(error) else "host"
        raise _invalid(f"has an invalid {reason}") from None
    if parts.password is not None:
        raise UsageError(
            "The URL of the metadata server contains a password. Remove it, and set "
            "TUTORIALS_METADATA_PASSWORD or TUTORIALS_METADATA_PASSWORD_FILE."
        )
    server = _SERVERS.get(parts.scheme)
    if server is None:
        hint = did_you_mean(parts.scheme, _SERVERS) if parts.scheme else ""
        raise _invalid("begins with neither mysql:// nor postgresql://", hint)
    database = unquote(parts.path.removeprefix("/"))
    for name, value in (
        ("user", parts.username),
        ("host", parts.hostname),
        ("database", database),
    ):
        if not value:
            raise _invalid(f"has no {name}")
    if "/" in database or "\0" in unquote(url):
        raise _invalid("has an invalid database name")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in options:
        if name not in OPTIONS[server]:
            known = ", ".join(OPTIONS[server]) or "none, because ML Metadata has no TLS for it"
            raise _invalid(
                f"has the unknown option {quote(name)}",
                f"{did_you_mean(name, OPTIONS[server])} Options for {server}: {known}.",
            )
    return MetadataUrl(
        server,
        unquote(parts.username or ""),
        parts.hostname or "",
        port or _PORTS[server],
        database,
        options,
    )


def _invalid(what: str, hint: str = "") -> UsageError:
    return UsageError(f"The URL of the metadata server {what}.{hint} Give one like {_EXAMPLE}.")
