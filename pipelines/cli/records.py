"""Commands that read runs: `show`, `runs`, `report`, and `compare`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from components.errors import UsageError, UserError
from pipelines import registry
from pipelines.cli.console import (
    AsJson,
    MetadataOption,
    Name,
    Open,
    OptionalName,
    RootOption,
    opened_root,
    out,
    require_accepted,
    say,
)
from pipelines.root import Root

RunId = Annotated[
    str | None,
    typer.Option("--run", metavar="ID", help="The run's name.", show_default="the last run"),
]


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command(epilog="Example: [bold]tutorials show census --json | python -m json.tool[/]")(show)
    app.command(epilog="Examples: [bold]tutorials runs[/]; [bold]tutorials runs census[/]")(runs)
    app.command(
        epilog="Examples: [bold]tutorials report census --open[/]; [bold]tutorials report --all[/]"
    )(report)
    app.command(epilog="Example: [bold]tutorials compare RUN_A RUN_B RUN_C --open[/]")(compare)


def show(
    name: Name,
    run_id: RunId = None,
    root: RootOption = None,
    metadata: MetadataOption = None,
    as_json: AsJson = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Exit with 1 if the data or the model was refused."),
    ] = False,
) -> None:
    """Show the results of a run."""
    from pipelines.records import results

    found = _run(name, run_id, opened_root(root, metadata))
    if as_json:
        print(json.dumps(results.as_json(found), indent=2))
    else:
        results.print_run(out, found, registry.load(name))
        results.print_details(out, found)
    if check:
        require_accepted(found)


def runs(
    name: OptionalName = None,
    root: RootOption = None,
    metadata: MetadataOption = None,
    as_json: AsJson = False,
) -> None:
    """List the runs of a tutorial, or of all tutorials, newest first."""
    from pipelines.records import history, results

    if name:
        registry.load(name)
    found = history.runs(opened_root(root, metadata), name)
    if as_json:
        print(json.dumps([results.as_json(run) for run in found], indent=2))
    else:
        results.print_runs(out, found, registry.load)


def report(
    name: OptionalName = None,
    run_id: RunId = None,
    all_runs: Annotated[
        bool, typer.Option("--all", help="Write a page over all runs of all tutorials.")
    ] = False,
    open_it: Open = False,
    root: RootOption = None,
    metadata: MetadataOption = None,
) -> None:
    """Find the report of a run, or write a page over all runs."""
    from pipelines.records import pages

    if all_runs == bool(name):
        raise UsageError("Name a tutorial, or use --all for all runs: tutorials report --all")
    if all_runs:
        page = pages.write_index(opened_root(root, metadata))
    else:
        found = _run(str(name), run_id, opened_root(root, metadata))
        if found.page is None or not found.page.exists():
            raise UserError(
                f"{found.run_id} has no report, because it ended before the Report node. "
                f"See its log: {found.log}"
            )
        page = found.page
    _show_page(page, open_it)


def compare(
    run_ids: Annotated[
        list[str],
        typer.Argument(metavar="RUN RUN...", help="Runs. 'tutorials runs' lists them."),
    ],
    output: Annotated[
        Path | None,
        typer.Option(help="The file to write.", show_default="compare.html in the root"),
    ] = None,
    open_it: Open = False,
    root: RootOption = None,
    metadata: MetadataOption = None,
) -> None:
    """Write a page with runs side by side, including runs of several tutorials."""
    from pipelines.records import pages

    _show_page(pages.write_comparison(opened_root(root, metadata), run_ids, output), open_it)


def _show_page(page: Path, open_it: bool) -> None:
    say(page.as_uri())
    if open_it:
        typer.launch(page.as_uri())


def _run(name: str, run_id: str | None, root: Root) -> Any:
    """Returns a run of a tutorial: the last one, or the one with the given name."""
    from pipelines.records import history

    registry.load(name)
    found = history.runs(root, name, None if run_id else 1)
    for run in found:
        if run_id in (None, run.run_id):
            return run
    raise UserError(
        f"There is no run {run_id}. List the runs with 'tutorials runs {name}'."
        if run_id
        else f"There is no run of {name} yet. Start one: tutorials run {name}"
    )
