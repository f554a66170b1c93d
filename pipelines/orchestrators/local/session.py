"""One local run: shortcut, lock, log, progress, errors."""

from __future__ import annotations

import errno
import sys
import traceback
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console

from components.errors import DiskFullError, UserError, shorten
from pipelines.orchestrators.loading import libraries_to_keep, use_onednn
from pipelines.orchestrators.local import runner
from pipelines.orchestrators.local.log_file import output_to
from pipelines.orchestrators.local.progress import progress_on
from pipelines.plan import Plan
from pipelines.records import history
from pipelines.records.metadata_store import connection_config
from pipelines.root import Root


def unchanged(plan: Plan) -> history.Run | None:
    """Returns the last run if its plan was identical, it finished, and its results are there."""
    last = next(history.newest_first(plan.root, plan.spec.name), None)
    if last is None or not last.finished or last.properties["fingerprint"] != plan.fingerprint:
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
    lock = _lock(plan.root)
    run_id = runner.new_run_id(plan.spec.name)
    log = plan.root.log_file(run_id)
    try:
        plan.root.running_file.write_text(run_id, encoding="utf-8")
        _warn_of_deleted_baseline(plan, console)
        # Read before the output is redirected, when the console would see a file.
        terminal, width = console.is_terminal, console.width
        with output_to(log) as screen:
            _run(plan, run_id, log, Console(file=screen, force_terminal=terminal, width=width))
    except OSError as error:
        if not _is_disk_full(error):
            raise
        raise _disk_full("Start", plan.root) from error
    finally:
        lock.release()
    return history.runs(plan.root, plan.spec.name, limit=1)[0]


def _run(plan: Plan, run_id: str, log: Path, console: Console) -> None:
    from pipelines.compiler import compile_plan, nodes_until, with_run_id

    with progress_on(console) as progress:
        try:
            use_onednn()
            plan.write_schema_snapshot()
            with libraries_to_keep():
                compiled = compile_plan(plan)
            runner.run_nodes(
                with_run_id(compiled, run_id),
                nodes_until(compiled, plan.until),
                connection_config(plan.root),
                progress,
            )
        except KeyboardInterrupt:
            raise UserError(
                f"Interrupted in {progress.running}. Run the same command again to continue: "
                "finished nodes are cached, and training resumes after its last complete epoch."
            ) from None
        except UserError as error:
            _log_traceback()
            raise type(error)(plan.shown(f"{progress.running}: {error}")) from error
        except Exception as error:
            _log_traceback()
            if _is_disk_full(error):
                raise _disk_full(progress.running, plan.root) from error
            raise UserError(
                plan.shown(f"{progress.running} failed: {_first_line(error).rstrip('.')}.")
                + f" See the log for details: {log}"
            ) from error


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


def _log_traceback() -> None:
    with suppress(OSError):  # the disk of the log may be full
        traceback.print_exc(file=sys.stderr)


def _disk_full(where: str, root: Root) -> DiskFullError:
    return DiskFullError(
        f"{where}: The disk of {root.path} is full. "
        "Free some space or choose another folder with --root, then run again."
    )


def _is_disk_full(error: Exception) -> bool:
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return full or any(text in _text(error) for text in ("No space left on device", "disk is full"))


def _first_line(error: Exception) -> str:
    line = next((line for line in _text(error).splitlines() if line.strip()), "")
    return shorten(line) or type(error).__name__


def _text(error: Exception) -> str:
    # TFX wraps the errors of its file system in exceptions without a text.
    return str(error) or str(error.__cause__ or "")


def _lock(root: Root) -> FileLock:
    """Locks the root for this process."""
    # Waits a moment: another process may be checking whether a run is in progress.
    lock = FileLock(root.lock_file, timeout=0.5)
    try:
        root.path.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise UserError(
            f"Another run is using {root.path}. Wait for it or choose another folder with --root."
        ) from None
    except OSError as error:
        raise UserError(
            f"Cannot write to {root.path} ({error.strerror}). "
            "Choose a folder with --root that you can write to."
        ) from error
    return lock
