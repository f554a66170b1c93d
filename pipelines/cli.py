"""The command `tutorials`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from components.errors import DiskFullError, UsageError, UserError
from pipelines import catalog
from pipelines.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="TensorFlow tutorials as production TFX pipelines.",
)
# A pipe or file has no width that tables would have to fit.
out = Console() if sys.stdout.isatty() else Console(width=160)
err = Console(stderr=True)

Name = Annotated[str, typer.Argument(help="A tutorial; 'tutorials list' names them.")]
Root = Annotated[
    Path | None,
    typer.Option("--root", help="Folder of runs, metadata and pushed models. [default: runs]"),
]
Open = Annotated[bool, typer.Option("--open", help="Open it in the browser.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command("list", epilog="Example: [bold]tutorials list[/]")
def list_tutorials(as_json: AsJson = False) -> None:
    """Names the tutorials, their data and what the originals reached."""
    tutorials = [catalog.load(name) for name in catalog.NAMES]
    if as_json:
        print(json.dumps([{"name": t.name, "title": t.title} for t in tutorials]))
        return
    table = Table("tutorial", "what", "published", box=None)
    for tutorial in tutorials:
        published = ", ".join(f"{name} {value}" for name, value in tutorial.published.items())
        table.add_row(f"[bold]{tutorial.name}[/]", tutorial.title, published)
    out.print(table)


@app.command(
    epilog="Examples: [bold]tutorials data census[/]; [bold]tutorials data higgs --rows 200000[/]"
)
def data(
    name: Name,
    data_root: Annotated[
        Path | None, typer.Option(help="Folder with one folder per data set. [default: data]")
    ] = None,
    rows: Annotated[
        int | None,
        typer.Option(min=1, help="Write the first so many rows to a folder of their own, too."),
    ] = None,
) -> None:
    """Downloads a tutorial's official data, resuming and with SHA-256 checks."""
    from pipelines.datasets.download import fetch, progress_bar
    from pipelines.datasets.first_rows import csv_file, write_first_rows

    tutorial = catalog.load(name)
    if rows:
        csv_file(tutorial)  # refuses before the download what could not be cut after it
    settings = _settings(data_root=data_root)
    folder = settings.data_root / tutorial.name
    with progress_bar(out) as bar:
        fetch(tutorial.source.remote, folder, mirrors=settings.mirrors, progress=bar)
    command = f"tutorials run {name}"
    if rows:
        whole, folder = folder, folder.with_name(f"{name}-{rows}")
        write_first_rows(tutorial, whole, folder, rows)
        command += f" --data {folder}"
    out.print(f"{folder} is complete; now: {command}", soft_wrap=True, highlight=False)


@app.command(
    epilog="Examples: [bold]tutorials run census --data sample[/]; "
    "[bold]tutorials run census --param model_type=wide --param l1=0.01 --seed 1[/]"
)
def run(
    name: Name,
    data: Annotated[
        str | None,
        typer.Option(
            help="'sample', or a folder in the official layout. "
            "[default: the data root's copy if there, else the sample]"
        ),
    ] = None,
    root: Root = None,
    param: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Set a hyper-parameter; may be repeated."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of training.")] = 0,
    until: Annotated[
        str | None, typer.Option(metavar="NODE", help="Stop after this node, such as Trainer.")
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Run every node, whatever earlier runs did.")
    ] = False,
    beam_arg: Annotated[
        list[str] | None,
        typer.Option(metavar="FLAG", help="A Beam flag for all components; may be repeated."),
    ] = None,
) -> None:
    """Runs a tutorial's pipeline and says what came out."""
    from pipelines.datasets.local import find
    from pipelines.parameters import parse
    from pipelines.plan import Plan
    from pipelines.results import print_run, problems
    from pipelines.runners import session

    tutorial = catalog.load(name)
    settings = _settings(root=root, beam_args=tuple(beam_arg) if beam_arg else None)
    plan = Plan(
        tutorial=tutorial,
        data=find(tutorial, data, settings),
        root=settings.root.resolve(),
        parameters=parse(tutorial.parameters, param or []),
        seed=seed,
        beam_args=settings.beam_args,
        cache=not no_cache,
        until=until,
    )
    out.print(f"{name} on {plan.data.origin}", soft_wrap=True, highlight=False)
    finished = session.unchanged(plan) if plan.cache else None
    if finished:
        out.print("Nothing has changed since the last run, so its results stand.")
    else:
        finished = session.run(plan, out)
    print_run(out, finished, tutorial)
    if finished.summary and not finished.summary["blessed"]:
        raise UserError(" ".join(["Not pushed.", *problems(finished)]))


@app.command(epilog="Example: [bold]tutorials show census --json | python -m json.tool[/]")
def show(
    name: Name,
    run_id: Annotated[
        str | None, typer.Option("--run", metavar="ID", help="A run. [default: the last]")
    ] = None,
    root: Root = None,
    as_json: AsJson = False,
) -> None:
    """Shows what a run came to."""
    from pipelines import results

    found = _run(name, run_id, root)
    if as_json:
        print(json.dumps(results.as_json(found), indent=2))
    else:
        results.print_run(out, found, catalog.load(name))
        results.print_details(out, found)


@app.command(epilog="Example: [bold]tutorials runs census[/]")
def runs(name: Name, root: Root = None, as_json: AsJson = False) -> None:
    """Lists a tutorial's runs, newest first, from ML Metadata."""
    from pipelines import results

    tutorial = catalog.load(name)
    found = _runs(name, root)
    if as_json:
        print(json.dumps([results.as_json(run) for run in found], indent=2))
    else:
        results.print_runs(out, found, tutorial)


@app.command(
    epilog="Examples: [bold]tutorials report census --open[/]; [bold]tutorials report --all[/]"
)
def report(
    name: Annotated[str | None, typer.Argument(help="A tutorial.")] = None,
    run_id: Annotated[
        str | None, typer.Option("--run", metavar="ID", help="A run. [default: the last]")
    ] = None,
    all_runs: Annotated[
        bool, typer.Option("--all", help="Write a page over all runs of all tutorials.")
    ] = False,
    open_it: Open = False,
    root: Root = None,
) -> None:
    """Finds the report of a run, or writes a page over all runs."""
    from pipelines import reports

    if all_runs == bool(name):
        raise UsageError("Name a tutorial, or ask for all runs: tutorials report --all")
    folder = _settings(root=root).root.resolve()
    if all_runs:
        page = reports.write_index(folder)
    else:
        found = _run(str(name), run_id, root)
        if found.page is None or not found.page.exists():
            raise UserError(
                f"{found.run_id} got no report: it ended before. Its log: {found.properties['log']}"
            )
        page = found.page
    _say_page(page, open_it)


@app.command(epilog="Example: [bold]tutorials compare RUN_A RUN_B RUN_C --open[/]")
def compare(
    run_ids: Annotated[
        list[str], typer.Argument(metavar="RUN RUN...", help="Runs; 'tutorials runs' names them.")
    ],
    output: Annotated[
        Path | None, typer.Option(help="File to write. [default: compare.html in the root]")
    ] = None,
    open_it: Open = False,
    root: Root = None,
) -> None:
    """Writes a page with runs side by side, also of several tutorials."""
    from pipelines import reports

    _say_page(
        reports.write_comparison(_settings(root=root).root.resolve(), run_ids, output), open_it
    )


def _say_page(page: Path, open_it: bool) -> None:
    out.print(page.as_uri(), soft_wrap=True, highlight=False)
    if open_it:
        typer.launch(page.as_uri())


def _run(name: str, run_id: str | None, root: Path | None) -> Any:
    """Returns a run of a tutorial, the last one unless named."""
    catalog.load(name)
    found = [
        run for run in _runs(name, root, None if run_id else 1) if run_id in (None, run.run_id)
    ]
    if not found:
        raise UserError(
            f"There is no run {run_id}; 'tutorials runs {name}' lists them."
            if run_id
            else f"There is no run of {name} yet; start one: tutorials run {name}"
        )
    return found[0]


def _runs(name: str, root: Path | None, limit: int | None = None) -> list[Any]:
    from pipelines import history

    return history.runs(_settings(root=root).root.resolve(), name, limit)


def _settings(**flags: Any) -> Settings:
    """Reads the settings; flags that were not given do not count."""
    from pydantic import ValidationError

    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(f"Setting '{place}': {first['msg']}; see pipelines/settings.py.") from None
    except ValueError as error:
        raise UsageError(f"tutorials.toml is no TOML: {error}.") from None


def main() -> NoReturn:
    """Runs the command; a failure is one sentence on stderr."""
    try:
        app()
    except UserError as error:
        err.print(f"[red]Error:[/] {escape(str(error))}", soft_wrap=True, highlight=False)
        if isinstance(error, DiskFullError):
            # At a regular exit HDF5 tries once more to write its open files, and crashes.
            sys.stdout.flush()
            os._exit(error.exit_code)
        sys.exit(error.exit_code)
    sys.exit(0)
