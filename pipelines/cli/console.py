"""The consoles, options, and settings that all commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from components.errors import UsageError
from pipelines import registry
from pipelines.root import Root
from pipelines.settings import Settings

# A pipe or a file has no width that tables must fit.
out = Console() if sys.stdout.isatty() else Console(width=160)
err = Console(stderr=True)

Name = Annotated[
    str,
    typer.Argument(
        help="A tutorial. 'tutorials list' shows them.",
        autocompletion=lambda: list(registry.names()),
    ),
]
OptionalName = Annotated[
    str | None,
    typer.Argument(help="A tutorial.", autocompletion=lambda: list(registry.names())),
]
RootOption = Annotated[
    Path | None,
    typer.Option(
        "--root", help="The folder of runs, metadata, and pushed models.", show_default="runs"
    ),
]
MetadataOption = Annotated[
    str | None,
    typer.Option(
        "--metadata",
        metavar="URL",
        help="The metadata server, such as mysql://user@host/database.",
        show_default="an SQLite file in the root",
    ),
]
DataRoot = Annotated[
    Path | None,
    typer.Option(help="The folder that contains one folder per data set.", show_default="data"),
]
Open = Annotated[bool, typer.Option("--open", help="Open the page in the browser.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def say(text: str, style: str | None = None) -> None:
    """Prints a line unchanged: without markup, highlighting, or line breaks."""
    out.print(text, style=style, soft_wrap=True, highlight=False, markup=False)


def settings(**flags: Any) -> Settings:
    """Reads the settings. Flags that are None were not given.

    Raises:
        UsageError: A setting is invalid.
    """
    from pydantic import ValidationError

    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(
            f"The setting '{place}' is invalid: {first['msg']}. "
            "See pipelines/settings.py for the valid values."
        ) from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"tutorials.toml is not valid TOML: {error}. Fix the file.") from None


def opened_root(root: Path | None, metadata: str | None) -> Root:
    """Returns the root that the command works on.

    Args:
        root: The value of `--root`; None for the setting.
        metadata: The value of `--metadata`; None for the setting.
    """
    found = settings(root=root, metadata=metadata)
    return Root.at(found.root, found.metadata)
