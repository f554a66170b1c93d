"""Pages over several runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from components.errors import UsageError, UserError
from components.report.comparison import Outcome, index, side_by_side
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
    runs = [_outcome(run) for name in catalog.NAMES for run in history.runs(root, name)]
    if not runs:
        raise UserError(f"There are no runs in {root} yet; start one: tutorials run census")
    return _write(root / "report.html", index(runs))


def write_comparison(root: Path, run_ids: Sequence[str], output: Path | None) -> Path:
    """Writes a page with runs side by side.

    Args:
        root: Folder of the runs.
        run_ids: Their names.
        output: File to write, `compare.html` in the root by default.

    Returns:
        The page.

    Raises:
        UsageError: There is no such run.
        UserError: The page cannot be written.
    """
    runs = {run.run_id: run for name in catalog.NAMES for run in history.runs(root, name)}
    for run_id in run_ids:
        if run_id not in runs:
            raise UsageError(f"There is no run {run_id} in {root}; see: tutorials runs NAME")
    page = side_by_side([_outcome(runs[run_id]) for run_id in run_ids])
    return _write((output or root / "compare.html").resolve(), page)


def _outcome(run: history.Run) -> Outcome:
    return Outcome(
        run_id=run.run_id,
        tutorial=run.tutorial,
        facts={
            "Data": run.properties["data"],
            "Started (UTC)": f"{run.started:%Y-%m-%d %H:%M:%S}",
            "Seconds in nodes": f"{sum(node.seconds for node in run.nodes):.1f}",
            "What stands in the way": " ".join(results.problems(run)),
        },
        parameters={**json.loads(run.properties["parameters"]), "seed": run.properties["seed"]},
        metrics=run.summary.get("metrics", {}),
        blessed=run.summary.get("blessed", False),
        nodes=run.nodes,
        report=run.page if run.page and run.page.exists() else None,
    )


def _write(file: Path, page: str) -> Path:
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UserError(f"Cannot write {file} ({error.strerror}); give another place.") from error
    return file
