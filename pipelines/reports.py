"""Pages over several runs."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from components.errors import UsageError, UserError
from components.report.comparison import MOST, Outcome, index, side_by_side
from pipelines import catalog, history, results


def write_index(root: Path) -> Path:
    """Writes a page over all runs of all tutorials.

    Args:
        root: Folder of the runs.

    Returns:
        The page.

    Raises:
        UserError: There are no runs, or the page cannot be written.
    """
    runs = history.runs(root)
    if not runs:
        raise UserError(f"There are no runs in {root} yet; start one: tutorials run census")
    file = root / "report.html"
    return _write(file, index([_outcome(run, file.parent) for run in runs]))


def write_comparison(root: Path, run_ids: Sequence[str], output: Path | None) -> Path:
    """Writes a page with runs side by side.

    Args:
        root: Folder of the runs.
        run_ids: Their names, two or more.
        output: File to write, `compare.html` in the root by default.

    Returns:
        The page.

    Raises:
        UsageError: There is no such run, or these are too few, too many or not all different.
        UserError: The page cannot be written.
    """
    if not 2 <= len(run_ids) <= MOST:
        raise UsageError(f"Name 2 to {MOST} runs; 'tutorials runs NAME' lists them.")
    if len({*run_ids}) < len(run_ids):
        raise UsageError("Name each run once.")
    file = (output or root / "compare.html").resolve()
    runs = history.named(root, run_ids)
    return _write(file, side_by_side([_outcome(run, file.parent) for run in runs]))


def _outcome(run: history.Run, folder: Path) -> Outcome:
    verdict = results.outcome(run)
    parameters = json.loads(run.properties["parameters"])
    return Outcome(
        run_id=run.run_id,
        tutorial=run.tutorial,
        verdict=verdict.text,
        good=verdict.good,
        facts={
            "Data": run.properties["data"],
            "Started (UTC)": f"{run.started:%Y-%m-%d %H:%M:%S}",
        },
        settings={
            "tutorial": run.tutorial,
            "data": run.properties["data"],
            "seed": run.properties["seed"],
            **{name: _as_given(value) for name, value in parameters.items()},
        },
        metrics=run.summary.get("metrics", {}),
        deciding=[threshold.metric for threshold in catalog.load(run.tutorial).thresholds],
        nodes=run.nodes,
        report=_way(run.page, folder) if run.page and run.page.exists() else None,
    )


def _as_given(value: Any) -> str | None:
    """Returns a hyper-parameter as the command line takes it; None for one that is unset."""
    if value is None:
        return None
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _way(page: Path, folder: Path) -> str:
    """Returns a link that is still right where the folder of the runs was moved to."""
    # With the dot, a name with a colon is no scheme.
    return "./" + quote(Path(os.path.relpath(page, folder)).as_posix())


def _write(file: Path, page: str) -> Path:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UserError(f"Cannot write {file} ({error.strerror}); give another place.") from error
    return file
