"""Times our census pipeline against the same one made of stock TFX components.

Each run has a process and a root of its own; the two sides take turns, so that a machine whose
speed drifts treats them alike. What stock means is in `benchmarks.stock_pipeline`.

    python -m benchmarks.stock_census compare --data data/census --repeats 3
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

SIDES = ("ours", "stock")

app = typer.Typer(add_completion=False)


class _Stopwatch:
    """Takes the seconds of each node, driver and publisher included."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    running = ""

    def begin(self, node_ids: list[str]) -> None:
        pass

    def node_begins(self, node_id: str) -> None:
        pass

    def node_ends(self, node_id: str, state: str, seconds: float) -> None:
        self.seconds[node_id] = seconds


@app.command()
def one(
    side: str,
    data: Path,
    root: Path,
    same_preprocessing: Annotated[bool, typer.Option("--same-preprocessing")] = False,
) -> None:
    """Runs one side once and prints its seconds per node as JSON (used by `compare`)."""
    from tfx.dsl.compiler import compiler, constants
    from tfx.orchestration.portable import runtime_parameter_utils

    from pipelines import catalog
    from pipelines.datasets.local import find
    from pipelines.plan import Plan
    from pipelines.runners import local
    from pipelines.settings import Settings

    tutorial = catalog.load("census")
    settings = Settings(root=root)
    plan = Plan(tutorial, find(tutorial, str(data), settings), root, tutorial.parameters())
    if side == "ours":
        pipeline = local.compile_plan(plan, "run", "")
    else:
        from benchmarks import stock_pipeline

        stock_pipeline.write_clean_csv(plan, root / "csv")
        pipeline = compiler.Compiler().compile(
            stock_pipeline.build_pipeline(plan, root / "csv", same_preprocessing=same_preprocessing)
        )
        runtime_parameter_utils.substitute_runtime_parameter(
            pipeline, {constants.PIPELINE_RUN_ID_PARAMETER_NAME: "run"}
        )
    stopwatch = _Stopwatch()
    local.run(pipeline, None, stopwatch)
    (root / "seconds.json").write_text(json.dumps(stopwatch.seconds))


@app.command()
def compare(
    data: Annotated[Path, typer.Option(help="The official UCI files.")] = Path("data/census"),
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each side.")] = 3,
    same_preprocessing: Annotated[
        bool,
        typer.Option("--same-preprocessing", help="Let stock run our preprocessing_fn too."),
    ] = False,
    output: Annotated[Path | None, typer.Option("--json", help="Write all figures here.")] = None,
) -> None:
    """Runs both sides in turn and prints medians (lowest to highest) and ratios."""
    console = Console()
    runs: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    for repeat in range(repeats):
        for side in SIDES:
            runs[side].append(_run(side, data.resolve(), same_preprocessing))
            total = sum(runs[side][-1].values())
            console.print(f"run {repeat + 1} of {repeats}, {side}: {total:.1f} s in nodes")
    console.print(_table(runs))
    if output:
        output.write_text(json.dumps(runs, indent=2))


def _run(side: str, data: Path, same_preprocessing: bool) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as root:
        command = [sys.executable, "-m", __spec__.name, "one", side, str(data), root]
        command += ["--same-preprocessing"] if same_preprocessing else []
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{side} failed:\n{done.stderr[-3000:]}")
        seconds: dict[str, float] = json.loads(Path(root, "seconds.json").read_text())
        return seconds


def _table(runs: dict[str, list[dict[str, float]]]) -> Table:
    table = Table("node", "ours, s", "stock, s", "ours / stock", box=None)
    pairs: list[tuple[str, Any, Any]] = [
        ("ExampleGen", "CsvExampleGen", "CsvExampleGen"),
        *((name, name, name) for name in ("StatisticsGen", "Transform", "Trainer", "Evaluator")),
        ("Pusher", "AtomicPusher", "Pusher"),
    ]
    for name, ours, stock in pairs:
        _row(table, name, [r[ours] for r in runs["ours"]], [r[stock] for r in runs["stock"]])
    _row(table, "all nodes", *([sum(r.values()) for r in runs[side]] for side in SIDES))
    return table


def _row(table: Table, name: str, ours: list[float], stock: list[float]) -> None:
    ratio = statistics.median(a / b for a, b in zip(ours, stock, strict=True))
    table.add_row(name, _spread(ours), _spread(stock), f"{ratio:.2f}")


def _spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f})"


if __name__ == "__main__":
    app()
