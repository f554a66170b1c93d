"""The one open store of this process, for all nodes and readers."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import ml_metadata
from ml_metadata import errors
from ml_metadata.proto import metadata_store_pb2
from ml_metadata.proto import metadata_store_service_pb2 as service
from ml_metadata.proto.metadata_store_pb2 import ConnectionConfig

from components import metadata_server as server
from components.errors import TemporaryError, UserError

_open: dict[bytes, _Store] = {}

PAUSE_SECONDS = 1.0
"""A connection that was not used for longer may be closed: by a restart, or by a time limit."""

_LASTING = frozenset(
    {"GetArtifactType", "GetExecutionType", "GetContextType", "GetContextByTypeAndName"}
)
"""Methods whose answers stay valid once there is one: nothing deletes types and contexts."""

_PUT_TYPE = {
    metadata_store_pb2.ArtifactType: "put_artifact_type",
    metadata_store_pb2.ExecutionType: "put_execution_type",
    metadata_store_pb2.ContextType: "put_context_type",
}

_BACKSLASH = "\ue05c"
"""Stands for a backslash in PostgreSQL, where ML Metadata quotes backslashes in a wrong way."""

# ML Metadata logs the whole connection, with its password, at the level DEBUG.
logging.getLogger("absl").addFilter(
    lambda record: not str(record.msg).startswith("ConnectionConfig")
)


def open_store(config: ConnectionConfig) -> Any:
    """Returns an open `ml_metadata.MetadataStore`. The first use creates its tables.

    A store on a server stays open for the whole process, because opening one takes about 30
    queries. It is opened again if the server has closed the connection in the meantime.

    Raises:
        TemporaryError: The server is away.
        UserError: The server refuses the connection.
    """
    if not server.is_server(config):
        return ml_metadata.MetadataStore(config)
    key = config.SerializeToString(deterministic=True)
    store = _open.get(key)
    if store is None or not store.is_alive():
        with server.session(config) as sql:
            prepared = server.is_prepared(config, sql)
        if not prepared:
            server.prepare(config, lambda: _Store(config))
        store = _open[key] = _Store(config)
    store.begin()
    return store


def is_created(config: ConnectionConfig) -> bool:
    """Whether a server has a store. Creates nothing.

    Raises:
        TemporaryError: The server is away.
        UserError: The server refuses the connection.
    """
    if config.SerializeToString(deterministic=True) in _open:
        return True
    with server.session(config) as sql:
        return server.is_prepared(config, sql)


def refreshed(store: Any) -> Any:
    """Returns a store to begin a piece of work with: it is connected and has no old answers.

    Args:
        store: The result of `open_store`.

    Raises:
        TemporaryError: The server is away.
        UserError: The server refuses the connection.
    """
    return open_store(store.config) if isinstance(store, _Store) else store


def register_types(store: Any, types: Iterable[Any]) -> None:
    """Registers types before several processes use them at once.

    Two processes that register a type of the same name at once leave two of them in PostgreSQL.
    Half of the lineage then has the one type, and half the other.

    Args:
        store: The result of `open_store`.
        types: `ArtifactType`, `ExecutionType`, and `ContextType` messages.
    """
    if isinstance(store, _Store):
        store.register(list(types))


class _Store(ml_metadata.MetadataStore):
    """A store on a server.

    It reports what a retry can cure, hides two defects with PostgreSQL, and asks each question
    once: TFX repeats the same ones within a node, and each takes 4 to 8 queries.
    """

    def __init__(self, config: ConnectionConfig):
        try:
            super().__init__(config)
        except RuntimeError as error:
            if server.is_temporary(config, error):
                raise server.interrupted(config, error) from None
            raise UserError(
                f"ML Metadata cannot use the metadata server {server.address_of(config)} "
                f"({str(error).strip()}). "
                "See docs/deploy/metadata.md for the logins and the encryption that it supports."
            ) from None
        self.config = config
        self._alive, self._used = True, time.monotonic()
        self._answers: dict[tuple[str, bytes], bytes] = {}
        self._registered: set[tuple[type, str]] = set()

    def begin(self) -> None:
        """Forgets what other processes may have changed."""
        self._answers = {key: a for key, a in self._answers.items() if a and key[0] in _LASTING}

    def is_alive(self) -> bool:
        """Whether the server still has the connection. Asks the server only after a pause."""
        if self._alive and time.monotonic() - self._used > PAUSE_SECONDS:
            self.begin()
            with suppress(TemporaryError):
                self.get_artifacts_by_id([1])
        return self._alive

    def register(self, types: Iterable[Any]) -> None:
        """See `register_types`."""
        wanted = {(type(type_), type_.name): type_ for type_ in types}
        if wanted.keys() <= self._registered:
            return
        known = self._read_types()
        missing = [
            type_
            for key, type_ in wanted.items()
            if key not in known or not type_.properties.keys() <= known[key].properties.keys()
        ]
        if missing:
            with server.locked(self.config):
                for type_ in missing:
                    # Another process may have registered it, so this changes nothing or merges.
                    put = getattr(self, _PUT_TYPE[type(type_)])
                    put(type_, can_add_fields=True, can_omit_fields=True)
            self._read_types()
        self._registered |= wanted.keys()

    def _read_types(self) -> dict[tuple[type, str], Any]:
        """Reads all types at once, so that nodes need not ask for each of them."""
        found: dict[tuple[type, str], Any] = {}
        for kind in ("Artifact", "Execution", "Context"):
            for type_ in getattr(self, f"get_{kind.lower()}_types")():
                found.setdefault((type(type_), type_.name), type_)
                request = getattr(service, f"Get{kind}TypeRequest")(type_name=type_.name)
                answer = getattr(service, f"Get{kind}TypeResponse")(
                    **{f"{kind.lower()}_type": type_}
                )
                key = f"Get{kind}Type", request.SerializeToString(deterministic=True)
                self._answers.setdefault(key, answer.SerializeToString())
        return found

    def _call_method(self, method_name: str, request: Any, response: Any) -> None:
        """Calls ML Metadata. All methods of the store end here."""
        key = method_name, request.SerializeToString(deterministic=True)
        if key in self._answers:
            response.ParseFromString(self._answers[key])
            return
        if self.config.HasField("postgresql"):
            _replace(request, "\\", _BACKSLASH)
        try:
            super()._call_method(method_name, request, response)
        except errors.StatusError as error:
            self.begin()  # another process may have been first, so TFX asks again
            if not server.is_temporary(self.config, error):
                raise
            self._alive = False
            raise server.interrupted(self.config, error) from error
        self._used = time.monotonic()
        if self.config.HasField("postgresql"):
            _replace(response, _BACKSLASH, "\\")
            _sort(request, response)
        if method_name.startswith("Get"):
            self._answers[key] = response.SerializeToString()
        elif "Type" in method_name or (
            method_name == "PutContexts" and any(context.id for context in request.contexts)
        ):
            self._answers.clear()
        else:  # adds something, and changes neither types nor contexts
            self.begin()


def _sort(request: Any, response: Any) -> None:
    """Puts rows in the order of SQLite and MySQL, unless the request has an order.

    PostgreSQL returns them in any order. TFX pairs the artifacts of a cached execution with its
    events, which would exchange outputs.
    """
    if "options" in request.DESCRIPTOR.fields_by_name and request.HasField("options"):
        return
    for name in ("artifacts", "executions", "contexts"):
        if name in response.DESCRIPTOR.fields_by_name:
            getattr(response, name).sort(key=lambda row: row.id)
    if "events" in response.DESCRIPTOR.fields_by_name:
        response.events.sort(key=lambda event: (event.execution_id, event.artifact_id, event.type))


def _replace(message: Any, old: str, new: str) -> None:
    """Replaces a character in all texts of a protobuf message, except the keys of maps."""
    if old.encode() not in message.SerializeToString():
        return
    for field, value in message.ListFields():
        if field.type == field.TYPE_STRING:
            if isinstance(value, str):
                setattr(message, field.name, value.replace(old, new))
            else:
                value[:] = [text.replace(old, new) for text in value]
        elif field.type == field.TYPE_MESSAGE:
            if hasattr(value, "ListFields"):
                _replace(value, old, new)
                continue
            for item in value.values() if hasattr(value, "values") else value:
                if hasattr(item, "ListFields"):
                    _replace(item, old, new)
