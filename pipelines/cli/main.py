"""The entry point: all commands, and the handling of failures."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from components.errors import DiskFullError, UserError
from pipelines.cli import catalog, data, orchestration, records, run
from pipelines.cli.console import err

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="TensorFlow tutorials as production TFX pipelines.",
)
for group in (catalog, data, run, records, orchestration):
    group.add_to(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"tfx-tutorials {version('tfx-tutorials')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Options that work without a command."""


def main() -> NoReturn:
    """Runs the command. A failure prints one message on stderr."""
    for stream in (sys.stdout, sys.stderr):
        # Paths and data may contain characters that the terminal's encoding does not have.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        app()
    except UserError as error:
        err.print("Error:", style="red", end=" ")
        err.print(str(error), soft_wrap=True, highlight=False, markup=False)
        if isinstance(error, DiskFullError):
            # At a regular exit, HDF5 tries to write its open files again, and crashes.
            sys.stdout.flush()
            os._exit(error.exit_code)
        sys.exit(error.exit_code)
    sys.exit(0)
