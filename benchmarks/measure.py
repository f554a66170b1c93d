"""Runs one command in a process of its own and reads what it took."""

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
"""What a script without nodes leaves in the root: metric -> value on the test split."""

_SAME_ROLE = {"AtomicPusher": "Pusher"}
"""Our node -> the stock node whose row of the table it shares."""


@dataclass(frozen=True)
class Node:
    """What a node took.

    Attributes:
        seconds: Between the first and the last entry that ML Metadata has of its execution.
        cpu: Processor seconds.
        peak: Most bytes of memory at a time, libraries included.
        written: Bytes of its outputs.
    """

    seconds: float
    cpu: float
    peak: int
    written: int


@dataclass(frozen=True)
class Measurement:
    """One run.

    Attributes:
        side: Which pipeline or script.
        wall: Seconds of the whole process, imports included.
        cpu: Processor seconds of the same, on all cores; hardly depend on other load.
        peak: Most bytes of memory at a time.
        nodes: By name, if there are nodes.
        metrics: Metric -> value on the test split, for all sides must have learnt alike.
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
        side: Name of the measurement.
        command: Python's arguments.
        root: Gets the output; where there are nodes, it is the root of the only run.

    Raises:
        SystemExit: The command failed.
    """
    root.mkdir(parents=True)
    log = root / "output.txt"
    with log.open("w", encoding="utf-8") as output:
        start = time.monotonic()
        process = subprocess.Popen([sys.executable, *command], stdout=output, stderr=output)
        # Not `wait`, since this also tells processor time and memory.
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
