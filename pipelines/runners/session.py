"""One `tutorials run`: lock, shortcut, log, progress, errors."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console

from components.errors import UserError
from pipelines import history
from pipelines.plan import Plan
from pipelines.runners import local
from pipelines.runners.chatter import chatter_to
from pipelines.runners.progress import progress_on


def unchanged(plan: Plan) -> history.Run | None:
    """Returns the last run if it was planned the same, finished, and its results are there."""
    last = next(iter(history.runs(plan.root, plan.tutorial.name, limit=1)), None)
    if last is None or not last.finished or last.properties["fingerprint"] != plan.fingerprint:
        return None
    pushed = last.summary.get("pushed_model")
    if plan.until is None and not (last.page and last.page.exists()):
        return None
    return None if pushed and not Path(pushed).is_dir() else last


def run(plan: Plan, console: Console) -> history.Run:
    """Runs a plan, showing progress.

    Args:
        plan: What to run.
        console: Where the user looks; everything else is written to the run's log.

    Returns:
        The run, as ML Metadata has it.

    Raises:
        UserError: The run failed; says where, why and what to do.
    """
    lock = _lock(plan.root)
    run_id = local.new_run_id(plan.tutorial.name)
    log = plan.root / "logs" / f"{run_id}.log"
    try:
        # Asked now, since behind the redirection the console would see a file.
        terminal, width = console.is_terminal, console.width
        with chatter_to(log) as screen:
            _run(plan, run_id, log, Console(file=screen, force_terminal=terminal, width=width))
    finally:
        lock.release()
    return history.runs(plan.root, plan.tutorial.name, limit=1)[0]


def _run(plan: Plan, run_id: str, log: Path, console: Console) -> None:
    running = "Start"
    try:
        with progress_on(console) as progress:
            pipeline = local.compile_plan(plan, run_id, str(log))

            class Watched:
                """Remembers the running node, for the message of a failure."""

                begin = progress.begin
                node_ends = progress.node_ends

                def node_begins(self, node_id: str) -> None:
                    nonlocal running
                    running = node_id
                    progress.node_begins(node_id)

            local.run(pipeline, plan.until, Watched())
    except KeyboardInterrupt:
        raise UserError(
            f"Interrupted in {running}. Run the same command again to go on: finished nodes are "
            "cached, and training resumes after its last whole epoch."
        ) from None
    except UserError as error:
        traceback.print_exc()
        raise type(error)(f"{running}: {error}") from error
    except Exception as error:
        traceback.print_exc()
        raise UserError(f"{running}: {_explain(error, plan.root)} Details: {log}") from error


def _explain(error: Exception, root: Path) -> str:
    # TFX hides what its file system says behind exceptions without a text.
    text = str(error) or str(error.__cause__ or "")
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or "No space left on device" in text or "disk is full" in text:
        return f"the disk of {root} is full; make room or give another --root, then run again."
    first_line = next((line for line in text.splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {first_line[:300]}"


def _lock(root: Path) -> FileLock:
    """Takes the root for this process: ML Metadata's SQLite store allows one writer."""
    lock = FileLock(root / ".lock", timeout=0)
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise UserError(
            f"Another run is using {root}; wait for it or give another --root."
        ) from None
    except OSError as error:
        raise UserError(
            f"Cannot write to {root} ({error.strerror}); give a --root that is writable."
        ) from error
    return lock
