"""Pages over several runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from components.errors import UsageError, UserError
from components.report.comparison import MAX_RUNS, RunColumn, index, side_by_side
from components.report.page import relative_link
from pipelines import registry
from pipelines.records import history, results
from pipelines.root import Root


def write_index(root: Root) -> Path:
    """Writes a page over all runs of all pipelines.

    Returns:
        The page.

    Raises:
        UserError: There are no runs, or the page cannot be written.
    """
    runs = history.runs(root)
    if not runs:
        raise UserError(f"There are no runs in {root.path} yet. Start one: tutorials run census")
    file = root.path / "report.html"
    return _write(file, index([_column(run, file.parent) for run in runs]))


def write_comparison(root: Root, run_ids: Sequence[str], output: Path | None) -> Path:
    """Writes a page with runs side by side.

    Args:
        root: The root of the runs.
        run_ids: The names of two or more runs.
        output: The file to write. The default is `compare.html` in the root.

    Returns:
        The page.

    Raises:
        UsageError: A run does not exist, or the runs are too few, too many, or not all different.
        UserError: The page cannot be written.
    """
    if not 2 <= len(run_ids) <= MAX_RUNS:
        raise UsageError(
            f"A comparison needs 2 to {MAX_RUNS} runs. List the runs with 'tutorials runs'."
        )
    if len({*run_ids}) < len(run_ids):
        raise UsageError("A run is named twice. Name each run once.")
    file = (output or root.path / "compare.html").resolve()
    runs = history.named(root, run_ids)
    return _write(file, side_by_side([_column(run, file.parent) for run in runs]))


def _column(run: history.Run, folder: Path) -> RunColumn:
    verdict = results.outcome(run)
    parameters = json.loads(run.properties["parameters"])
    return RunColumn(
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
        deciding=[threshold.metric for threshold in registry.load(run.tutorial).thresholds],
        nodes=run.nodes,
        report=relative_link(run.page, folder) if run.page and run.page.exists() else None,
    )


def _as_given(value: Any) -> str | None:
    """Returns a hyper-parameter as the command line takes it; None for one that is unset."""
    if value is None:
        return None
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _write(file: Path, page: str) -> Path:
    """Writes a temporary file and renames it, so that a kill never leaves an incomplete page."""
    partial = file.with_name(f".{file.name}.partial")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(page, encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        raise UserError(
            f"Cannot write {file} ({error.strerror}). Choose another file or folder."
        ) from error
    return file
