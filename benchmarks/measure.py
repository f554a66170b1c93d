"""Runs one command in its own process and measures the resources that it uses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ml_metadata

from components.report.lineage import nodes
from components.report.summary import read_evaluation
from pipelines.records.metadata_store import connection_config
from pipelines.root import Root

METRICS_FILE = "metrics.json"
"""The file that a script without nodes writes to the root: metric -> value on the test split."""

_SAME_ROLE = {"AtomicPusher": "Pusher"}
"""Our node -> the stock node that has the same row of the table."""


@dataclass(frozen=True)
class Node:
    """The resources that a node used.

    Attributes:
        seconds: The time between the first and the last update of its execution in ML Metadata.
        cpu: The processor seconds.
        peak: The peak memory in bytes, including libraries.
        written: The bytes of its outputs.
    """

    seconds: float
    cpu: float
    peak: int
    written: int


@dataclass(frozen=True)
class Measurement:
    """One run.

    Attributes:
        side: The pipeline or script.
        wall: The seconds of the whole process, including imports.
        cpu: The processor seconds of the process on all cores, which hardly depend on other load.
        peak: The peak memory in bytes.
        nodes: Name -> node, if there are nodes.
        metrics: Metric -> value on the test split. All sides must reach the same quality.
    """

    side: str
    wall: float
    cpu: float
    peak: int
    nodes: Mapping[str, Node]
    metrics: Mapping[str, float | None]


def measure(side: str, command: Sequence[str], root: Path) -> Measurement:
    """Runs Python with arguments.

    Args:
        side: The name of the side.
        command: The arguments of Python.
        root: The folder for the output. If there are nodes, it is the root of their only run.

    Raises:
        SystemExit: The command failed.
    """
    root.mkdir(parents=True)
    log = root / "output.txt"
    with log.open("w", encoding="utf-8") as output:
        start = time.monotonic()
        process = subprocess.Popen([sys.executable, *command], stdout=output, stderr=output)
        # Unlike `wait`, this also returns processor time and memory.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
    if status:
        sys.exit(f"{side} failed:\n{log.read_text('utf-8')[-4000:]}")
    cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
    written = root / METRICS_FILE
    if written.exists():
        return Measurement(side, wall, cpu, peak, {}, json.loads(written.read_text("utf-8")))
    store = ml_metadata.MetadataStore(connection_config(Root.at(root)))
    (run,) = store.get_contexts_by_type("pipeline_run")
    (evaluation,) = store.get_artifacts_by_type("ModelEvaluation")
    summary, _ = read_evaluation(evaluation.uri)
    return Measurement(side, wall, cpu, peak, dict(_nodes(store, run)), summary["metrics"])


def _nodes(store: Any, run: Any) -> Iterator[tuple[str, Node]]:
    for node in nodes(store, run):
        yield (
            _SAME_ROLE.get(node.node_id, node.node_id),
            Node(
                node.seconds,
                node.cpu_seconds,
                node.peak_memory,
                sum(_bytes(Path(artifact.uri)) for artifact in node.artifacts),
            ),
        )


def _bytes(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
