"""Commands that describe the tutorials: `list` and `params`."""

from __future__ import annotations

import json
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from pipelines import registry
from pipelines.cli.console import AsJson, DataRoot, Name, out, settings


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command("list", epilog="Example: [bold]tutorials list[/]")(list_tutorials)
    app.command(epilog="Example: [bold]tutorials params census[/]")(params)


def list_tutorials(data_root: DataRoot = None, as_json: AsJson = False) -> None:
    """List the tutorials: their data, their models, and the original tutorials' metrics."""
    from pipelines.datasets.layouts import is_downloaded

    found = settings(data_root=data_root)
    rows: list[dict[str, Any]] = [
        {
            "name": spec.name,
            "title": spec.title,
            "task": spec.task.name,
            "data": spec.source.name,
            "rows": spec.source.rows,
            "downloaded": is_downloaded(spec, found),
            "model": spec.model,
            "reference_metrics": dict(spec.reference_metrics),
            "reference_url": spec.reference_url,
            "data_url": spec.source.url,
        }
        for spec in map(registry.load, registry.names())
    ]
    if as_json:
        print(json.dumps(rows))
        return
    table = Table("tutorial", "data", "rows", "model", "original", "downloaded", box=None)
    for row in rows:
        table.add_row(
            f"[bold]{row['name']}[/]",
            escape(row["data"]),
            escape(row["rows"]),
            escape(row["model"]),
            ", ".join(f"{name} {value}" for name, value in row["reference_metrics"].items()),
            "yes" if row["downloaded"] else "no",
        )
    out.print(table)


def params(name: Name, as_json: AsJson = False) -> None:
    """Show the hyper-parameters that 'tutorials run NAME --param KEY=VALUE' sets."""
    from pipelines.parameters import describe

    found = describe(registry.load(name).parameters)
    if as_json:
        print(json.dumps([row._asdict() for row in found]))
        return
    table = Table("name", "type", "default", "range", "meaning", box=None)
    for row in found:
        table.add_row(f"[bold]{row.name}[/]", *map(escape, row[1:]))
    out.print(table)
