"""Runs a part of a compiled plan in this process, as orchestrators do with `tutorials run-node`."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping, Sequence
from datetime import date
from types import FrameType
from typing import NamedTuple

from rich.console import Console

from components.errors import UsageError, quote
from pipelines import registry
from pipelines.compiled_plan import CompiledPlan, current_code
from pipelines.datasets.layouts import SAMPLE, write_sample
from pipelines.orchestrators.execution import clear_errors, locked, open_metadata, run_nodes
from pipelines.orchestrators.loading import load_launcher, use_onednn
from pipelines.orchestrators.log_file import output_to
from pipelines.orchestrators.node import State
from pipelines.orchestrators.progress import Progress, progress_on
from pipelines.records import history
from pipelines.records.root_identity import identify
from pipelines.schema_snapshot import write_schema_snapshot

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,199}")
LATEST = "latest"
"""The span of a run that reads the latest one. Some orchestrators need a value for each option."""

_DAY_ZERO = date(1970, 1, 1)  # TFX counts the spans of dates from here


class Ended(NamedTuple):
    """How a task ended.

    Attributes:
        run: The run that the task is a part of.
        states: Node -> how it ended.
    """

    run: history.Run
    states: Mapping[str, State]


def run_task(
    plan: CompiledPlan,
    node_ids: Sequence[str],
    run_id: str,
    span: str | None,
    wait: float,
    console: Console,
) -> Ended:
    """Runs nodes of a plan, without those that an earlier attempt of the same run has finished.

    Args:
        plan: The plan.
        node_ids: The nodes, in an order in which they can run.
        run_id: The run's name. A retried task has the same one.
        span: The number or the date of the span to read; None or `LATEST` for the latest one.
        wait: How long to wait for another process that uses the same root or run, in seconds.
        console: What the user sees. Everything else is written to the run's log.

    Raises:
        UsageError: The run id or the span is invalid, or the plan is that of another run or of
            another version of the code.
        TemporaryError: Another attempt can succeed.
        UserError: The task failed.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise UsageError(
            f"The run id {quote(run_id)} is invalid. "
            "Use at most 200 of the characters A-Z, a-z, 0-9, and _.:+-."
        )
    if plan.code != current_code():
        raise UsageError(
            f"The plan {plan.folder} was compiled from another version of the code. "
            "Compile the pipeline again, or use the image of that version."
        )
    chosen = None if span in (None, LATEST) else _span_number(span)
    signal.signal(signal.SIGTERM, _interrupt)
    root, log = plan.root, plan.root.log_file(run_id)
    terminal, width = console.is_terminal, console.width
    with locked(root, run_id, wait), output_to(log) as screen:
        shown = Console(file=screen, force_terminal=terminal, width=width)
        with progress_on(shown) as progress, clear_errors(progress, root, log, str):
            return _run(plan, node_ids, run_id, chosen, progress)


def _run(
    plan: CompiledPlan,
    node_ids: Sequence[str],
    run_id: str,
    span: int | None,
    progress: Progress,
) -> Ended:
    load_launcher()
    use_onednn()
    from pipelines.compiler import for_run

    store = open_metadata(plan.root)
    root_id = identify(plan.root, store.store)
    earlier = history.find(store.store, plan.root, run_id)
    if earlier is not None and earlier.properties.get("plan") != plan.digest:
        raise UsageError(
            f"The run {run_id} exists and was started from another plan. Use another run id."
        )
    _prepare(plan)
    properties = {"plan": plan.digest, "root_id": root_id}
    pipeline = for_run(plan.intermediate_representation(), run_id, properties, span)
    done = [node.node_id for node in earlier.nodes if node.succeeded] if earlier else []
    states = run_nodes(pipeline, node_ids, store, progress, done)
    ended = history.find(store.store, plan.root, run_id)
    assert ended is not None  # each node records its run, even one that is skipped
    return Ended(ended, states)


def _prepare(plan: CompiledPlan) -> None:
    """Writes what the nodes read and what compiling could not write into the root."""
    spec = registry.load(plan.pipeline)
    write_schema_snapshot(spec, plan.root)
    if plan.data == SAMPLE:
        write_sample(spec, plan.root.path)


def _span_number(span: str) -> int:
    """Converts a span as TFX does: the days since 1970 for a date.

    Raises:
        UsageError: It is neither a number nor a date.
    """
    try:
        return int(span) if span.isdecimal() else (date.fromisoformat(span) - _DAY_ZERO).days
    except ValueError:
        raise UsageError(
            f"The span {quote(span)} is neither a number nor a date. "
            "Give one such as 7 or 2026-01-31."
        ) from None


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Ends the task as Ctrl-C does, so that ML Metadata knows that the node was interrupted."""
    raise KeyboardInterrupt
