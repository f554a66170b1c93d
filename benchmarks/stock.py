"""How long a pipeline of ours takes beside the same pipeline of stock TFX components.

Both sides do the same work: the same rows in the same splits, the same network, epochs, batch size,
seed and training code, the same metrics, slices and thresholds, and no model to compare with. Each
run has a process and an empty root of its own; the sides take turns, so that whatever else the
machine does falls on both. The seconds of a node are those between the first and the last entry
that ML Metadata has of its execution, on both sides.

Stock means TFX's own CsvExampleGen, StatisticsGen, ImportSchemaGen, ExampleValidator, Transform,
Trainer, Resolver, Evaluator and Pusher, run by its LocalDagRunner, each with its defaults: all
splits are transformed, with statistics before and after, and the metrics are TFMA's own. Where
there was a choice it favours stock:

* CsvExampleGen can read neither files without a header, nor other marks of a missing value than
  none, nor labels that are not spelt as in the schema. It gets cleaned files, cut into train, eval
  and test beforehand, off the clock; ours starts from the official files.
* User code is given by import path. A `module_file`, as TFX's tutorials have it, would be built
  into a wheel that each component installs.
* The data gate and the report, which stock lacks, count on our side.

`stock` transforms as TFX's examples do: for census it learns vocabularies with
`tft.compute_and_apply_vocabulary`; for higgs, whose trees need none, its Transform hands the rows
on. With `--favour-stock` a third side runs that tells how much of the difference is the components'
alone: census with our preprocessing_fn, which takes vocabularies from the schema; higgs without
Transform.

Example:
    python -m benchmarks.stock census --data data/census --repeats 3 --favour-stock
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import ml_metadata
import typer
from rich.console import Console
from rich.table import Table

from pipelines import catalog
from pipelines.datasets.local import DataSet, find
from pipelines.metadata import connection_config
from pipelines.parameters import parse
from pipelines.plan import Plan
from pipelines.runners.chatter import chatter_to
from pipelines.settings import Settings

OURS, STOCK = "ours", "stock"

PREPROCESSING = {
    "census": {
        STOCK: "benchmarks.stock_preprocessing.census",
        "stock, our preprocessing": "trainer_modules.census.preprocessing.preprocessing_fn",
    },
    "higgs": {STOCK: "benchmarks.stock_preprocessing.higgs", "stock, no Transform": ""},
}
"""Tutorial whose data is CSV -> side -> its preprocessing_fn; none without a Transform."""

_SAME_ROLE = {"AtomicPusher": "Pusher"}
"""Our node -> the stock node whose row of the table it shares."""


@dataclass(frozen=True)
class Measurement:
    """One run.

    Attributes:
        side: Which pipeline.
        nodes: Node -> seconds.
        wall: Seconds of the whole process, imports included.
        cpu: Processor seconds of the same, on all cores; hardly depend on other load.
        metrics: Metric -> value on the test split, for both sides must have learnt alike.
    """

    side: str
    nodes: Mapping[str, float]
    wall: float
    cpu: float
    metrics: Mapping[str, float | None]


def compare(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(PREPROCESSING)}.")],
    data: Annotated[
        str | None, typer.Option(help="As in 'tutorials run'. [default: as there]")
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each side.")] = 3,
    favour_stock: Annotated[
        bool, typer.Option("--favour-stock", help="Add stock components that have less to do.")
    ] = False,
    param: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Set a hyper-parameter, on all sides."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of training, on all sides.")] = 0,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write all figures there.")
    ] = None,
) -> None:
    """Times a pipeline beside one of stock TFX components."""
    from benchmarks.stock_pipeline import write_csv

    if name not in PREPROCESSING:
        sys.exit(f"'{name}' has no such benchmark; --help says which have.")
    tutorial = catalog.load(name)
    parameters = parse(tutorial.parameters, param or [])
    sides = [OURS, *(PREPROCESSING[name] if favour_stock else [STOCK])]
    measurements = []
    with tempfile.TemporaryDirectory() as folder, chatter_to(Path(folder, "log")) as screen:
        work = Path(folder)
        found = find(tutorial, data, Settings.model_validate({"root": work}))
        write_csv(Plan(tutorial, found, work, parameters), work / "csv")
        for turn in range(1, repeats + 1):
            for index, side in enumerate(sides):
                root = work / f"{turn}-{index}"
                measured = _measure(side, name, found, work / "csv", root, param or [], seed)
                measurements.append(measured)
                print(
                    f"{turn}/{repeats} {side}: nodes {sum(measured.nodes.values()):.1f} s, "
                    f"process {measured.wall:.1f} s, its processor time {measured.cpu:.1f} s",
                    file=screen,
                    flush=True,
                )
    _print(measurements, sides)
    if json_file:
        json_file.write_text(json.dumps([asdict(m) for m in measurements], indent=2), "utf-8")


def _measure(
    side: str,
    name: str,
    data: DataSet,
    csv: Path,
    root: Path,
    params: Sequence[str],
    seed: int,
) -> Measurement:
    root.mkdir()
    if side == OURS:
        command = ["-c", "from pipelines.cli import main; main()", "run", name]
        command += ["--data", str(data.folder), "--root", str(root), "--seed", str(seed)]
    else:
        command = ["-m", "benchmarks.stock_pipeline", name, str(csv), str(root)]
        command += [PREPROCESSING[name][side], str(seed)]
    command += [word for param in params for word in ("--param", param)]
    log = root / "output.txt"
    with log.open("w", encoding="utf-8") as output:
        start = time.monotonic()
        process = subprocess.Popen([sys.executable, *command], stdout=output, stderr=output)
        # Not `wait`, since this also tells the processor time.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
    if status:
        sys.exit(f"{side} failed:\n{log.read_text('utf-8')[-4000:]}")
    nodes, evaluation = _history(root)
    cpu = usage.ru_utime + usage.ru_stime
    return Measurement(side, nodes, wall, cpu, _overall_metrics(evaluation))


def _history(root: Path) -> tuple[dict[str, float], str]:
    """Returns the seconds of each node of the only run in a root, and the evaluation's URI."""
    store = ml_metadata.MetadataStore(connection_config(root))
    seconds = {}
    for execution in sorted(store.get_executions(), key=lambda execution: execution.id):
        (node,) = (c for c in store.get_contexts_by_execution(execution.id) if c.type == "node")
        name = node.name.rpartition(".")[2]
        seconds[_SAME_ROLE.get(name, name)] = (
            execution.last_update_time_since_epoch - execution.create_time_since_epoch
        ) / 1000
    (evaluation,) = store.get_artifacts_by_type("ModelEvaluation")
    return seconds, evaluation.uri


def _overall_metrics(evaluation: str) -> Mapping[str, float | None]:
    from components.report.summary import read_evaluation

    found, _ = read_evaluation(evaluation)
    return found["metrics"]


def _print(measurements: Sequence[Measurement], sides: Sequence[str]) -> None:
    """Prints a table: medians, ranges, and how ours compares with each other side."""
    by_side = {side: [m for m in measurements if m.side == side] for side in sides}
    rows: dict[str, dict[str, list[float]]] = {}
    for side, runs in by_side.items():
        for node in runs[0].nodes:
            rows.setdefault(node, {})[side] = [run.nodes[node] for run in runs]
    totals = {
        "All nodes": {s: [sum(r.nodes.values()) for r in runs] for s, runs in by_side.items()},
        "Process": {s: [run.wall for run in runs] for s, runs in by_side.items()},
        "Processor time": {s: [run.cpu for run in runs] for s, runs in by_side.items()},
    }
    table = Table("seconds", box=None)
    for side in sides:
        table.add_column(side, justify="right")
    for side in sides[1:]:
        table.add_column(f"ours / {side}", justify="right")
    for name, row in [*rows.items(), *totals.items()]:
        ratios = [
            f"{statistics.median(row[OURS]) / statistics.median(row[side]):.2f}"
            if OURS in row and side in row
            else ""
            for side in sides[1:]
        ]
        table.add_row(name, *(_spread(row.get(side)) for side in sides), *ratios)
    console = Console(width=120)
    console.print(table)
    for metric in ("accuracy", "auc"):
        values = (
            f"{side} {', '.join(_number(run.metrics.get(metric)) for run in runs)}"
            for side, runs in by_side.items()
        )
        console.print(f"{metric}: {'; '.join(values)}", highlight=False)


def _spread(values: Sequence[float] | None) -> str:
    if values is None:
        return ""
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})"


def _number(value: Any) -> str:
    return "-" if value is None else f"{value:.4f}"


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(
        epilog="Example: python -m benchmarks.stock census --data data/census --favour-stock"
    )(compare)
    app()
