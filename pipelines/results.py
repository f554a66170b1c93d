"""A run's results, as programs (`--json`) and people get them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.history import Run
from pipelines.tutorial import Tutorial


def as_json(run: Run) -> dict[str, Any]:
    """Returns the contract of `tutorials show --json`."""
    seconds = {node.node_id: node.seconds for node in run.nodes}
    return {
        "tutorial": run.tutorial,
        "run_id": run.run_id,
        "data": run.properties["data"],
        "metrics": run.summary.get("metrics", {}),
        "slices": run.summary.get("slices", {}),
        "blessed": run.summary.get("blessed", False),
        "pushed_model": run.summary.get("pushed_model"),
        "report": str(run.page) if run.page else None,
        "seconds": {**seconds, "total": round(sum(seconds.values()), 3)},
        "peak_memory": {node.node_id: node.peak_memory for node in run.nodes},
        "cached": [node.node_id for node in run.nodes if node.state == "cached"],
    }


def problems(run: Run) -> list[str]:
    """Returns one sentence per reason why the run's model was not pushed."""
    if not run.summary:
        return []
    return _anomalies(run, allowed=False) + run.summary["failures"]


def _anomalies(run: Run, *, allowed: bool) -> list[str]:
    return [
        f"{anomaly['split']} split, {anomaly['feature'] or 'data set'}: {anomaly['what']}"
        for anomaly in run.summary.get("anomalies", [])
        if anomaly["allowed"] == allowed
    ]


def print_run(console: Console, run: Run, tutorial: Tutorial) -> None:
    """Prints the verdict, the metrics beside the published ones, and where things are."""
    summary = run.summary
    if metrics := summary.get("metrics"):
        others = {
            "blessed before": summary["baseline"],
            "original tutorial": json.loads(run.properties["published"]),
        }
        columns = {
            "this model": metrics,
            **{name: values for name, values in others.items() if values},
        }
        console.print(f"\n[bold]{escape(tutorial.title)}[/], on the test split")
        table = Table("metric")
        for column in columns:
            table.add_column(column, justify="right")
        for name in metrics:
            digits = 0 if name == "example_count" else 4
            table.add_row(name, *(_figure(column.get(name), digits) for column in columns.values()))
        console.print(table)
    for anomaly in _anomalies(run, allowed=True):
        console.print(f"[yellow]warning[/]    {escape(anomaly)}", soft_wrap=True, highlight=False)
    facts = {"run": run.run_id, "data": run.properties["data"], "verdict": verdict(run)}
    if pushed := summary.get("pushed_model"):
        facts["pushed to"] = _short(pushed)
    if run.page:
        facts["report"] = _short(run.page)
    facts["log"] = _short(run.properties["log"])
    for name, value in facts.items():
        console.print(
            f"{name:10} {value}", soft_wrap=True, highlight=False, markup=name == "verdict"
        )


def print_details(console: Console, run: Run) -> None:
    """Prints what the report begins with: each limit with its margin, and how to run it again."""
    if checks := run.summary.get("checks"):
        table = Table("limit", "of")
        for column in ("value", "at least", "margin"):
            table.add_column(column, justify="right")
        for check in checks:
            colour = "green" if check["margin"] >= 0 else "red"
            figures = (_figure(check[key], 4) for key in ("value", "limit"))
            table.add_row(
                check["what"], check["metric"], *figures, f"[{colour}]{check['margin']:+.4f}[/]"
            )
        console.print(table)
    for name, text in run.summary.get("facts", {}).items():
        console.print(f"{name:19} {escape(text)}", soft_wrap=True, highlight=False)


def print_runs(console: Console, runs: Sequence[Run], tutorial: Tutorial) -> None:
    """Prints a line per run: when, on what data, the metrics that decide, and what became of it."""
    deciding = [threshold.metric for threshold in tutorial.thresholds]
    table = Table(box=None)
    for column in ("run", "started (UTC)", *deciding, "verdict", "pushed"):
        table.add_column(column, no_wrap=True)
    # Only this one may wrap, so it is the one that gives way on a narrow screen.
    table.add_column("data", overflow="ellipsis")
    for run in runs:
        pushed = run.summary.get("pushed_model")
        table.add_row(
            run.run_id,
            f"{run.started:%Y-%m-%d %H:%M}",
            *(_figure(run.summary.get("metrics", {}).get(name), 4) for name in deciding),
            verdict(run),
            Path(pushed).name if pushed else "",
            escape(run.properties["data"]),
        )
    console.print(table)


def _short(path: str | Path) -> str:
    """Returns a path as the user would type it here."""
    here = Path.cwd()
    return str(Path(path).relative_to(here) if Path(path).is_relative_to(here) else path)


def _figure(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def verdict(run: Run) -> str:
    """Returns how a run ended, with rich markup."""
    text, good = outcome(run)
    return text if good is None else f"[{'green' if good else 'red'}]{text}[/]"


class Outcome(NamedTuple):
    """How a run ended, in words, and whether that is good; None where it is neither."""

    text: str
    good: bool | None


def outcome(run: Run) -> Outcome:
    """Returns how a run ended."""
    if not run.finished:
        return Outcome("did not finish", False)
    if not run.summary:
        return Outcome("stopped early, as asked", None)
    if run.summary["blessed"]:
        return Outcome("blessed", True)
    if run.summary["gate_passed"]:
        return Outcome("not blessed", False)
    return Outcome("stopped at the data gate", False)
