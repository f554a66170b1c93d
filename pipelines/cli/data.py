"""The command that fetches data: `download`."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines import registry
from pipelines.cli.console import DataRoot, Name, out, say, settings


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command(
        epilog="Examples: [bold]tutorials download census[/]; "
        "[bold]tutorials download higgs --rows 200000[/]"
    )(download)
    # The command's name in version 0.1.
    app.command("data", hidden=True)(download)


def download(
    name: Name,
    data_root: DataRoot = None,
    rows: Annotated[
        int | None,
        typer.Option(min=1, help="Also write the first N rows to a folder of their own."),
    ] = None,
) -> None:
    """Download a tutorial's official data. Resumes, and checks SHA-256."""
    from pipelines.datasets.download import fetch, progress_bar
    from pipelines.datasets.first_rows import csv_file, write_first_rows

    spec = registry.load(name)
    if rows:
        csv_file(spec)  # fails before the download, not after it
    found = settings(data_root=data_root)
    folder = found.data_root / spec.name
    with progress_bar(out) as bar:
        fetch(spec.source.remote, folder, mirrors=found.mirrors, progress=bar)
    command = f"tutorials run {name}"
    if rows:
        whole, folder = folder, folder.with_name(f"{name}-{rows}")
        write_first_rows(spec, whole, folder, rows)
        command += f" --data {folder}"
    say(f"{folder} is complete. Run the pipeline: {command}")
