"""Prints the results of runs, for people and for programs (`--json`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.records.history import Run
from pipelines.spec import PipelineSpec


def as_json(run: Run) -> dict[str, Any]:
    """Returns the content of `tutorials show --json`."""
    seconds = {node.node_id: node.seconds for node in run.nodes}
    return {
        "tutorial": run.tutorial,
        "run_id": run.run_id,
        "data": run.properties["data"],
        "status": outcome(run).text,
        "metrics": run.summary.get("metrics", {}),
        "slices": run.summary.get("slices", {}),
        "blessed": bool(run.blessed),
        "pushed_model": str(run.pushed_model) if run.pushed_model else None,
        "report": str(run.page) if run.page else None,
        "seconds": {**seconds, "total": round(sum(seconds.values()), 3)},
        "peak_memory": {node.node_id: node.peak_memory for node in run.nodes},
        "cached": [node.node_id for node in run.nodes if node.state == "cached"],
    }


def problems(run: Run) -> list[str]:
    """Returns the reasons why the run's model was not pushed, one sentence each."""
    return _anomalies(run, allowed=False) + run.summary.get("failures", [])


def _anomalies(run: Run, *, allowed: bool) -> list[str]:
    return [
        f"{anomaly['split']} split, {anomaly['feature'] or 'data set'}: {anomaly['what']}"
        for anomaly in run.anomalies
        if anomaly["allowed"] == allowed
    ]


def print_run(console: Console, run: Run, spec: PipelineSpec) -> None:
    """Prints the metrics, next to those of the original tutorial, the verdict, and the files."""
    summary = run.summary
    if metrics := summary.get("metrics"):
        others = {
            "baseline": summary["baseline"],
            "original tutorial": summary["reference_metrics"],
        }
        columns = {
            "this model": metrics,
            **{name: values for name, values in others.items() if values},
        }
        console.print(f"\n[bold]{escape(spec.title)}[/], on the test split")
        table = Table("metric")
        for column in columns:
            table.add_column(column, justify="right")
        for name in metrics:
            digits = 0 if name == "example_count" else 4
            table.add_row(name, *(_number(column.get(name), digits) for column in columns.values()))
        console.print(table)
    for anomaly in _anomalies(run, allowed=True):
        console.print(f"[yellow]warning[/]    {escape(anomaly)}", soft_wrap=True, highlight=False)
    facts = {"run": run.run_id, "data": run.properties["data"], "verdict": outcome(run).text}
    if run.pushed_model:
        facts["pushed to"] = _short(run.pushed_model)
    if run.page:
        facts["report"] = _short(run.page)
    facts["log"] = _short(run.log)
    for name, value in facts.items():
        shown = verdict(run) if name == "verdict" else escape(value)
        console.print(f"{name:10} {shown}", soft_wrap=True, highlight=False)


def print_details(console: Console, run: Run) -> None:
    """Prints the beginning of the report: each limit with its margin, and how to repeat the run."""
    if checks := run.summary.get("checks"):
        table = Table("limit", "of")
        for column in ("value", "required", "margin"):
            table.add_column(column, justify="right")
        for check in checks:
            color = "green" if check["margin"] >= 0 else "red"
            sign = "≥" if check["better"] == "higher" else "≤"
            table.add_row(
                check["what"],
                check["metric"],
                _number(check["value"], 4),
                f"{sign} {_number(check['limit'], 4)}",
                f"[{color}]{check['margin']:+.4f}[/]",
            )
        console.print(table)
    for name, text in run.summary.get("facts", {}).items():
        console.print(f"{name:19} {escape(text)}", soft_wrap=True, highlight=False)


def print_runs(console: Console, runs: Sequence[Run], load: Callable[[str], PipelineSpec]) -> None:
    """Prints a line per run: its time, its data, the metrics with thresholds, and the verdict.

    Args:
        console: The console to print to.
        runs: The runs, of one pipeline or of several.
        load: Returns the declaration of a pipeline by its name.
    """
    deciding = list(
        dict.fromkeys(
            threshold.metric
            for name in dict.fromkeys(run.tutorial for run in runs)
            for threshold in load(name).thresholds
        )
    )
    table = Table(box=None)
    for column in ("run", "started (UTC)", *deciding, "verdict", "pushed"):
        table.add_column(column, no_wrap=True)
    # Only this one may wrap, so it gives way on a narrow screen.
    table.add_column("data", overflow="ellipsis")
    for run in runs:
        table.add_row(
            run.run_id,
            f"{run.started:%Y-%m-%d %H:%M}",
            *(_number(run.summary.get("metrics", {}).get(name), 4) for name in deciding),
            verdict(run),
            run.pushed_model.name if run.pushed_model else "",
            escape(run.properties["data"]),
        )
    console.print(table)


def _short(path: Path) -> str:
    """Returns a path as the user would type it here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def verdict(run: Run) -> str:
    """Returns how a run ended, with rich markup."""
    text, good = outcome(run)
    return escape(text) if good is None else f"[{'green' if good else 'red'}]{escape(text)}[/]"


class Outcome(NamedTuple):
    """How a run ended, in words, and whether that is good; None if it is neither good nor bad."""

    text: str
    good: bool | None


def outcome(run: Run) -> Outcome:
    """Returns how a run ended."""
    if run.running:
        node = run.nodes[-1].node_id if run.nodes else "start"
        return Outcome(f"running ({node})", None)
    if run.gate_passed is False and run.finished:
        return Outcome("stopped at the data gate", False)
    if not run.finished:
        return Outcome("did not finish", False)
    if run.blessed is False:
        return Outcome("not blessed", False)
    if not run.summary:
        return Outcome(f"stopped after {run.nodes[-1].node_id} (--until)", None)
    return Outcome("blessed", True)


def refused(run: Run) -> bool:
    """Whether the run refused the data or the model."""
    return run.gate_passed is False or run.blessed is False
