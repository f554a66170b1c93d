"""Compares our pipelines with stock TFX and with a bare script.

All sides do the same work: the same rows in the same splits (the bare script's own splits have the
same sizes), the same model, epochs, batch size, and seed, the same metrics and slices, and no
baseline. Each run has its own process and an empty root, and is timed from a cold start to the
report. The sides take turns, so that other load on the machine affects all of them. Ours runs twice
in each turn, and the difference between the two is the noise of the ratios.

Stock means TFX's own components with their defaults: all splits are transformed, with statistics
before and after, and the metrics are TFMA's own. Where there is a choice, it favors stock:

* CsvExampleGen gets clean files that are split into train, eval, and test before the timing starts.
  ImportExampleGen gets prepared TFRecords where TFX has no reader for the official files. Ours
  starts from the official files.
* User code is given by import path. A `module_file`, as in TFX's tutorials, would be built into a
  wheel that each component installs.
* The data gate and the report, which stock does not have, count on our side.

Stock transforms as TFX's examples do: for census it computes vocabularies with
`tft.compute_and_apply_vocabulary`, for the others it runs our preprocessing_fn. `--favor-stock`
adds a side that shows how much of the difference is due to the components alone: census with our
preprocessing_fn.

The bare script (`benchmarks.bare`) is what people write before they need a pipeline.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.cases import AGAIN, BARE, CASES, OURS, STOCK, Case
from benchmarks.measure import Measurement, measure
from pipelines import registry
from pipelines.datasets.layouts import DataSet, find
from pipelines.orchestrators.log_file import output_to
from pipelines.parameters import parse
from pipelines.plan import Plan
from pipelines.root import Root
from pipelines.settings import Settings


def main(
    cases: Annotated[
        list[str] | None, typer.Argument(help=f"Cases: {', '.join(CASES)}.", show_default="all")
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="The number of runs of each side.")] = 3,
    favor_stock: Annotated[
        bool, typer.Option("--favor-stock", help="Add a side of stock with less work.")
    ] = False,
    data_root: Annotated[
        Path | None, typer.Option(help="As in 'tutorials run'.", show_default="data")
    ] = None,
    folder: Annotated[Path, typer.Option(help="The folder for results and generated data.")] = Path(
        "build/benchmarks"
    ),
) -> None:
    """Times each pipeline, the same one made of stock TFX components, and a bare script."""
    from benchmarks import results

    for name in cases or ():
        if name not in CASES:
            sys.exit(f"There is no case '{name}'. Choose one of {', '.join(CASES)}.")
    settings = Settings.model_validate({"data_root": data_root} if data_root else {})
    folder.mkdir(parents=True, exist_ok=True)
    console = Console(width=140)
    for name in cases or CASES:
        measured = _run(name, CASES[name], repeats, favor_stock, settings, folder)
        console.print(results.node_table(name, measured))
        console.print(results.usage_table(name, measured))
        results.add(folder, name, measured, _machine())
    console.print(results.case_table(folder))
    results.picture(folder)


def _run(
    name: str, case: Case, repeats: int, favor_stock: bool, settings: Settings, folder: Path
) -> dict[str, list[Measurement]]:
    from benchmarks.stock_data import prepare

    spec = registry.load(case.tutorial)
    stock = case.preprocessing if favor_stock else {STOCK: case.preprocessing[STOCK]}
    sides = (OURS, *stock, BARE, AGAIN)
    found: dict[str, list[Measurement]] = {side: [] for side in sides}
    with tempfile.TemporaryDirectory() as temporary, output_to(Path(temporary, "log")) as screen:
        here = Path(temporary)
        settings = settings.model_copy(update={"root": folder.resolve()})
        data = find(spec, case.data(folder), settings)
        plan = Plan(spec, data, Root.at(here), parse(spec.parameters, case.param))
        prepare(plan, here / "prepared")
        for turn in range(1, repeats + 1):
            for index, side in enumerate(sides):
                root = here / f"{turn}-{index}"
                command = _command(side, case, data, here / "prepared", root)
                found[side].append(measure(side, command, root))
                print(
                    f"{name} {turn}/{repeats} {side}: {found[side][-1].wall:.1f} s, "
                    f"processor time {found[side][-1].cpu:.1f} s",
                    file=screen,
                    flush=True,
                )
    return found


def _command(side: str, case: Case, data: DataSet, prepared: Path, root: Path) -> list[str]:
    params = [word for param in case.param for word in ("--param", param)]
    if side in (OURS, AGAIN):
        tutorials = ["-c", "from pipelines.cli import main; main()", "run", case.tutorial]
        return [*tutorials, "--data", str(data.folder), "--root", str(root), *params]
    if side == BARE:
        return ["-m", "benchmarks.bare", case.tutorial, str(data.folder), str(root), *params]
    stock = ["-m", "benchmarks.stock_pipeline", case.tutorial, str(prepared), str(root)]
    return [*stock, case.preprocessing[side], *params]


def _machine() -> dict[str, str]:
    packages = ("tfx", "tensorflow", "apache-beam")
    return {
        "platform": platform.platform(),
        "python": platform.python_version(),
        "processors": str(len(os.sched_getaffinity(0))),
        **{name: version(name) for name in packages},
    }


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(epilog="Example: python -m benchmarks census higgs-50k --repeats 1 --favor-stock")(
        main
    )
    app()
