"""One local run: shortcut, lock, log, progress, errors."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from pipelines.orchestrators.execution import (
    clear_errors,
    disk_full,
    is_disk_full,
    locked,
    new_run_id,
    open_metadata,
    run_nodes,
)
from pipelines.orchestrators.loading import libraries_to_keep, use_onednn
from pipelines.orchestrators.log_file import output_to
from pipelines.orchestrators.progress import progress_on
from pipelines.plan import Plan
from pipelines.records import history
from pipelines.records.root_identity import identify
from pipelines.schema_snapshot import write_schema_snapshot

_MOMENT = 0.5
"""How long to wait for a lock, in seconds: another process may check whether a run is going on."""


def unchanged(plan: Plan) -> history.Run | None:
    """Returns the last run if its plan was identical, it finished, and its results are there."""
    last = next(history.newest_first(plan.root, plan.spec.name), None)
    if last is None or not last.finished:
        return None
    if last.properties.get("fingerprint") != plan.fingerprint:
        return None
    if plan.until is None and not (last.page and last.page.exists()):
        return None
    return None if last.pushed_model and not last.pushed_model.is_dir() else last


def run(plan: Plan, console: Console) -> history.Run:
    """Runs a plan and shows its progress.

    Args:
        plan: What to run.
        console: What the user sees. Everything else is written to the run's log.

    Returns:
        The run, as ML Metadata records it.

    Raises:
        UserError: The run failed. The message contains the node, the reason, and a remedy.
    """
    run_id = new_run_id(plan.spec.name)
    log = plan.root.log_file(run_id)
    try:
        with locked(plan.root, run_id, _MOMENT):
            _warn_of_deleted_baseline(plan, console)
            # Read before the output is redirected, when the console would see a file.
            terminal, width = console.is_terminal, console.width
            with output_to(log) as screen:
                _run(plan, run_id, log, Console(file=screen, force_terminal=terminal, width=width))
    except OSError as error:
        if not is_disk_full(error):
            raise
        raise disk_full("Start", plan.root) from error
    return history.named(plan.root, [run_id])[0]


def _run(plan: Plan, run_id: str, log: Path, console: Console) -> None:
    from pipelines.compiler import compile_plan, for_run, nodes_until

    with progress_on(console) as progress, clear_errors(progress, plan.root, log, plan.shown):
        use_onednn()
        write_schema_snapshot(plan.spec, plan.root)
        with libraries_to_keep():
            compiled = compile_plan(plan)
        store = open_metadata(plan.root)
        properties = {
            "fingerprint": plan.fingerprint,
            "root_id": identify(plan.root, store.store),
        }
        pipeline = for_run(compiled, run_id, properties)
        run_nodes(pipeline, nodes_until(compiled, plan.until), store, progress)


def _warn_of_deleted_baseline(plan: Plan, console: Console) -> None:
    """Tells the user before the training that an older model will be the baseline, or none."""
    for run in history.newest_first(plan.root, plan.spec.name):
        if run.summary.get("blessed"):
            if run.model is not None and not run.model.is_dir():
                console.print(
                    f"The model of {run.run_id}, the last one that was blessed, was deleted. "
                    "An older model becomes the baseline, or none if there is no older one.",
                    style="yellow",
                    markup=False,
                    highlight=False,
                    soft_wrap=True,
                )
            return
