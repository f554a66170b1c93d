"""One `tutorials run`: lock, shortcut, log, progress, errors."""

from __future__ import annotations

import errno
import traceback
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console

from components.errors import DiskFullError, UserError
from pipelines import history
from pipelines.plan import Plan
from pipelines.runners import local
from pipelines.runners.chatter import chatter_to
from pipelines.runners.loading import libraries_to_keep, use_onednn
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
    except OSError as error:
        if not _is_disk_full(error):
            raise
        raise _disk_full("Start", plan.root) from error
    finally:
        lock.release()
    return history.runs(plan.root, plan.tutorial.name, limit=1)[0]


def _run(plan: Plan, run_id: str, log: Path, console: Console) -> None:
    with progress_on(console) as progress:
        try:
            use_onednn()
            with libraries_to_keep():
                pipeline = local.compile_plan(plan, run_id, str(log))
            local.run(pipeline, plan.until, progress)
        except KeyboardInterrupt:
            raise UserError(
                f"Interrupted in {progress.running}. Run the same command again to go on: finished "
                "nodes are cached, and training resumes after its last whole epoch."
            ) from None
        except UserError as error:
            _log_traceback()
            raise type(error)(f"{progress.running}: {error}") from error
        except Exception as error:
            _log_traceback()
            if _is_disk_full(error):
                raise _disk_full(progress.running, plan.root) from error
            raise UserError(f"{progress.running}: {_explain(error)} Details: {log}") from error


def _log_traceback() -> None:
    with suppress(OSError):  # the log is on the disk that may be full
        traceback.print_exc()


def _disk_full(where: str, root: Path) -> DiskFullError:
    return DiskFullError(
        f"{where}: the disk of {root} is full; make room or give another --root, then run again."
    )


def _is_disk_full(error: Exception) -> bool:
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return full or any(text in _text(error) for text in ("No space left on device", "disk is full"))


def _explain(error: Exception) -> str:
    first_line = next((line for line in _text(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {first_line[:300]}"


def _text(error: Exception) -> str:
    # TFX hides what its file system says behind exceptions without a text.
    return str(error) or str(error.__cause__ or "")


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
