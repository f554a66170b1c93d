"""The runs that ML Metadata records. Imports without TFX."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from ml_metadata.errors import NotFoundError

from components.data_gate import VERDICT_FILE
from components.errors import UsageError
from components.open_store import is_created, open_store
from components.report import PAGE_FILE, SUMMARY_FILE
from components.report.lineage import Artifact, Node, nodes, time_of
from pipelines.records.metadata_store import connection_config
from pipelines.records.relocation import follow_moved_root
from pipelines.root import Root


@dataclass(frozen=True)
class Run:
    """One run of a pipeline, finished or not.

    Attributes:
        run_id: The run's name.
        tutorial: The pipeline's name.
        root: The root that contains the run.
        started: The time of its start, in UTC.
        properties: The properties recorded at its start: `data`, `fingerprint`, `parameters`,
            `seed`, and `nodes`.
        nodes: The nodes that have started, in order.
        running: Whether a process is running it now.
    """

    run_id: str
    tutorial: str
    root: Root
    started: datetime
    properties: Mapping[str, str]
    nodes: tuple[Node, ...]
    running: bool = False

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The summary that the Report node wrote, or {} if it did not run."""
        folder = self._folder_of("report")
        if folder is None or not (folder / SUMMARY_FILE).exists():
            return {}
        summary: dict[str, Any] = json.loads((folder / SUMMARY_FILE).read_text("utf-8"))
        return summary

    @property
    def gate_passed(self) -> bool | None:
        """Whether the data passed the data gate; None if the gate has not run."""
        verdict = self._artifact("verdict")
        return bool(verdict.properties.get("passed")) if verdict else None

    @cached_property
    def anomalies(self) -> list[dict[str, Any]]:
        """The anomalies that the data gate found; see `components.data_gate.component`."""
        folder = self._folder_of("verdict")
        if folder is None or not (folder / VERDICT_FILE).exists():
            return []
        found: list[dict[str, Any]] = json.loads((folder / VERDICT_FILE).read_text("utf-8"))
        return found

    @property
    def blessed(self) -> bool | None:
        """Whether the Evaluator blessed the model; None if the Evaluator has not run."""
        blessing = self._artifact("blessing")
        return bool(blessing.properties.get("blessed")) if blessing else None

    @property
    def model(self) -> Path | None:
        """The folder of the Trainer's model."""
        return self._folder_of("model")

    @property
    def pushed_model(self) -> Path | None:
        """The folder of the pushed version."""
        pushed = self._artifact("pushed_model")
        if pushed is None or not pushed.properties.get("pushed"):
            return None
        return self._shown(str(pushed.properties["pushed_destination"]))

    @property
    def page(self) -> Path | None:
        """The report as a page."""
        folder = self._folder_of("report")
        return folder / PAGE_FILE if folder else None

    @property
    def log(self) -> Path:
        """The log file."""
        return self.root.log_file(self.run_id)

    @property
    def finished(self) -> bool:
        """Whether the last node has run, or the data gate has skipped it."""
        node_ids = json.loads(self.properties["nodes"])
        done = {node.node_id for node in self.nodes if node.succeeded}
        return node_ids[-1] in done or (self.gate_passed is False and "Report" not in node_ids)

    def _artifact(self, key: str) -> Artifact | None:
        for node in self.nodes:
            for artifact in node.artifacts:
                if artifact.key == key:
                    return artifact
        return None

    def _folder_of(self, key: str) -> Path | None:
        artifact = self._artifact(key)
        return self._shown(artifact.uri) if artifact else None

    def _shown(self, path: str) -> Path:
        return Path(self.root.shown(path))


def runs(root: Root, pipeline: str | None = None, limit: int | None = None) -> list[Run]:
    """Returns runs, newest first.

    Args:
        root: The root that contains them.
        pipeline: The name of a pipeline; None for the runs of all pipelines.
        limit: The largest number of runs to return.
    """
    return list(islice(newest_first(root, pipeline), limit))


def newest_first(root: Root, pipeline: str | None = None) -> Iterator[Run]:
    """Yields the runs that `runs` returns. Each is read when it is needed: a run takes queries."""
    connection = connection_config(root)
    if root.metadata is not None:
        if not is_created(connection):
            return
    elif root.metadata_file.exists():
        follow_moved_root(root)
    else:
        return
    store = open_store(connection)
    contexts = sorted(store.get_contexts_by_type("pipeline_run"), key=lambda c: -c.id)
    running = _running(root)
    for context in contexts:
        if pipeline in (None, context.custom_properties["tutorial"].string_value):
            yield _run(store, root, context, context.name == running)


def named(root: Root, run_ids: Sequence[str]) -> list[Run]:
    """Returns runs of any pipelines by their names, in the order of the names.

    Raises:
        UsageError: There is no run with one of the names.
    """
    known = {run.run_id: run for run in runs(root)}
    for run_id in run_ids:
        if run_id not in known:
            raise UsageError(
                f"There is no run {run_id} in {root.path}. List the runs with 'tutorials runs'."
            )
    return [known[run_id] for run_id in run_ids]


def find(store: Any, root: Root, run_id: str) -> Run | None:
    """Returns a run of an open store by its name, or None.

    Args:
        store: The `ml_metadata.MetadataStore`.
        root: The root of the store's runs.
        run_id: The run's name.
    """
    try:
        context = store.get_context_by_type_and_name("pipeline_run", run_id)
    except NotFoundError:  # no run has been recorded yet
        return None
    return _run(store, root, context, False) if context else None


def _run(store: Any, root: Root, context: Any, running: bool) -> Run:
    return Run(
        run_id=context.name,
        tutorial=context.custom_properties["tutorial"].string_value,
        root=root,
        started=time_of(context.create_time_since_epoch),
        properties={name: value.string_value for name, value in context.custom_properties.items()},
        nodes=nodes(store, context),
        running=running,
    )


def _running(root: Root) -> str | None:
    """Returns the name of the run that a process is running now."""
    try:
        run_id = root.running_file.read_text("utf-8")
        with FileLock(root.lock_file, timeout=0):
            return None
    except Timeout:
        return run_id
    except OSError:  # no run yet, or a folder that this user cannot write
        return None
