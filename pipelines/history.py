"""The runs that ML Metadata knows of. Imports without TFX."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import ml_metadata

from components.errors import UsageError
from components.report import PAGE_FILE, SUMMARY_FILE
from components.report.lineage import Node, nodes, time_of
from pipelines.metadata import connection_config


@dataclass(frozen=True)
class Run:
    """One run of a tutorial, finished or not.

    Attributes:
        run_id: Its name.
        tutorial: The tutorial's name.
        started: When, in UTC.
        properties: What was recorded at its start: `data`, `fingerprint`, `parameters`, `seed`,
            `nodes`, `log`.
        nodes: The nodes that began, in order.
    """

    run_id: str
    tutorial: str
    started: datetime
    properties: Mapping[str, str]
    nodes: tuple[Node, ...]

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What the Report node wrote, or {} if it did not get to run."""
        folder = self._report_folder
        if folder is None or not (folder / SUMMARY_FILE).exists():
            return {}
        summary: dict[str, Any] = json.loads((folder / SUMMARY_FILE).read_text("utf-8"))
        return summary

    @property
    def page(self) -> Path | None:
        """The report for people."""
        return self._report_folder / PAGE_FILE if self._report_folder else None

    @property
    def finished(self) -> bool:
        """Whether every node that was to run did, or was skipped behind the gate."""
        last = json.loads(self.properties["nodes"])[-1]
        return any(node.node_id == last and node.state in ("run", "cached") for node in self.nodes)

    @property
    def _report_folder(self) -> Path | None:
        for node in self.nodes:
            if "report" in node.outputs:
                return Path(node.outputs["report"])
        return None


def runs(root: Path, tutorial: str | None = None, limit: int | None = None) -> list[Run]:
    """Returns runs, newest first.

    Args:
        root: Folder of the runs.
        tutorial: A tutorial's name; None for the runs of all.
        limit: At most so many.
    """
    config = connection_config(root)
    if not Path(config.sqlite.filename_uri).exists():
        return []
    store = ml_metadata.MetadataStore(config)
    contexts = [
        context
        for context in store.get_contexts_by_type("pipeline_run")
        if tutorial in (None, context.custom_properties["tutorial"].string_value)
    ]
    contexts.sort(key=lambda context: context.id, reverse=True)
    return [_run(store, context) for context in contexts[:limit]]


def named(root: Path, run_ids: Sequence[str]) -> list[Run]:
    """Returns runs of whatever tutorials by their names, in the order of the names.

    Raises:
        UsageError: There is no run of one of the names.
    """
    known = {run.run_id: run for run in runs(root)}
    for run_id in run_ids:
        if run_id not in known:
            raise UsageError(
                f"There is no run {run_id} in {root}; 'tutorials runs NAME' lists a tutorial's."
            )
    return [known[run_id] for run_id in run_ids]


def _run(store: Any, context: Any) -> Run:
    return Run(
        run_id=context.name,
        tutorial=context.custom_properties["tutorial"].string_value,
        started=time_of(context.create_time_since_epoch),
        properties={name: value.string_value for name, value in context.custom_properties.items()},
        nodes=nodes(store, context),
    )
