"""Runs nodes of a compiled pipeline one after the other, with progress and clear errors.

The local orchestrator and the node command share this code.
"""

from __future__ import annotations

import errno
import sys
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from components.errors import DiskFullError, TemporaryError, UserError, shorten
from components.open_store import open_store, refreshed, register_types
from pipelines.orchestrators.node import State, run_node
from pipelines.orchestrators.progress import Progress
from pipelines.records.metadata_store import connection_config
from pipelines.root import Root


def new_run_id(pipeline: str) -> str:
    """Names a run after its pipeline and the time."""
    return f"{pipeline}-{datetime.now(timezone.utc):%Y%m%d-%H%M%S-%f}"[:-3]


@contextmanager
def locked(root: Root, run_id: str, wait: float) -> Iterator[None]:
    """Keeps other processes from running the same nodes while the `with` body runs.

    An SQLite store allows one writer, so its whole root is locked. A server allows several runs at
    once; their nodes are kept apart by the name of the run.

    Args:
        root: The root of the run. Its folder is created.
        run_id: The run's name.
        wait: How long to wait for another process, in seconds.

    Raises:
        TemporaryError: Another process holds the lock.
        UserError: The root cannot be written.
    """
    own_store = root.metadata is None
    lock = FileLock(root.lock_file if own_store else root.run_lock_file(run_id), timeout=wait)
    try:
        Path(lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        who = "Another run" if own_store else f"Another process of {run_id}"
        raise TemporaryError(
            f"{who} is using {root.path}. Wait for it or choose another folder with --root."
        ) from None
    except OSError as error:
        raise UserError(
            f"Cannot write to {root.path} ({error.strerror}). "
            "Choose a folder with --root that you can write to."
        ) from error
    try:
        if own_store:
            root.running_file.write_text(run_id, encoding="utf-8")
        yield
    finally:
        lock.release()


def open_metadata(root: Root) -> Any:
    """Returns a `tfx.orchestration.metadata.Metadata` that stays open for all nodes of a process.

    TFX's own connects again each time it is entered, several times per node. Then ML Metadata
    checks its tables, which takes about 30 queries.
    """
    from tfx.orchestration.metadata import Metadata

    class OpenMetadata(Metadata):
        def __init__(self, connection: Any):
            super().__init__(connection)
            self._store = open_store(connection)

        def __enter__(self) -> OpenMetadata:
            if self._users == 0:  # the server may have closed the connection
                self._store = refreshed(self._store)
            self._users += 1
            return self

        def __exit__(self, *_: object) -> None:
            self._users -= 1

    return OpenMetadata(connection_config(root))


def run_nodes(
    pipeline: Any,
    node_ids: Sequence[str],
    store: Any,
    progress: Progress,
    done: Collection[str] = (),
) -> dict[str, State]:
    """Runs nodes in order.

    Args:
        pipeline: A compiled pipeline with a run id.
        node_ids: The nodes, in an order in which they can run.
        store: An open `tfx.orchestration.metadata.Metadata`.
        progress: Receives every step.
        done: Nodes that an earlier attempt of the same run has finished.

    Returns:
        Node -> how it ended.
    """
    progress.begin(node_ids)
    register_types(store.store, _types(pipeline))
    states: dict[str, State] = {}
    for node_id in node_ids:
        progress.node_begins(node_id)
        start = time.monotonic()
        states[node_id] = "done" if node_id in done else run_node(pipeline, node_id, store)
        progress.node_ends(node_id, states[node_id], time.monotonic() - start)
    return states


def _types(pipeline: Any) -> Iterator[Any]:
    """Yields the types that the nodes of a pipeline register in ML Metadata."""
    from ml_metadata.proto import metadata_store_pb2

    yield metadata_store_pb2.ContextType(name="execution_cache")  # of TFX's cache
    for node in (node.pipeline_node for node in pipeline.nodes):
        yield from (context.type for context in node.contexts.contexts)
        yield node.node_info.type
        yield from (output.artifact_spec.type for output in node.outputs.outputs.values())


@contextmanager
def clear_errors(
    progress: Progress, root: Root, log: Path, shown: Callable[[str], str]
) -> Iterator[None]:
    """Turns what the `with` body raises into one sentence for the user, and logs the traceback.

    Args:
        progress: Knows the node that is running.
        root: The root of the run.
        log: The log of the run.
        shown: Replaces paths by those that the user knows.

    Raises:
        UserError: The body failed. The message contains the node, the reason, and a remedy.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise TemporaryError(
            f"Interrupted in {progress.running}. Run the same command again to continue: "
            "finished nodes are cached, and training resumes after its last complete epoch."
        ) from None
    except UserError as error:
        _log_traceback()
        raise type(error)(shown(f"{progress.running}: {error}")) from error
    except Exception as error:
        _log_traceback()
        if is_disk_full(error):
            raise disk_full(progress.running, root) from error
        raise UserError(
            shown(f"{progress.running} failed: {_first_line(error).rstrip('.')}.")
            + f" See the log for details: {log}"
        ) from error


def disk_full(where: str, root: Root) -> DiskFullError:
    """Returns the error of a full disk.

    Args:
        where: What was running.
        root: The root on that disk.
    """
    return DiskFullError(
        f"{where}: The disk of {root.path} is full. "
        "Free some space or choose another folder with --root, then run again."
    )


def is_disk_full(error: Exception) -> bool:
    """Whether an error means that a disk is full. Libraries hide it in texts of their own."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return full or any(text in _text(error) for text in ("No space left on device", "disk is full"))


def _log_traceback() -> None:
    with suppress(OSError):  # the disk of the log may be full
        traceback.print_exc(file=sys.stderr)


def _first_line(error: Exception) -> str:
    line = next((line for line in _text(error).splitlines() if line.strip()), "")
    return shorten(line) or type(error).__name__


def _text(error: Exception) -> str:
    # TFX wraps the errors of its file system in exceptions without a text.
    return str(error) or str(error.__cause__ or "")
