"""The consoles, options, and settings that all commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from components.errors import UsageError, UserError
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
Data = Annotated[
    str | None,
    typer.Option(
        help="'sample', a folder in the official layout, or a path with spans, such as "
        "data/{YYYY}-{MM}-{DD}.",
        show_default="the data root's copy if there is one, else the sample",
    ),
]
Param = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=VALUE",
        help="Set a hyper-parameter. Can be repeated. 'tutorials params NAME' shows them.",
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="The random seed for training.")]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Ignore cached results and run every node.")
]
BeamArg = Annotated[
    list[str] | None,
    typer.Option(metavar="FLAG", help="A Beam flag for all components. Can be repeated."),
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


def require_accepted(run: Any) -> None:
    """Fails the command if the data or the model of a run was refused.

    Args:
        run: A `pipelines.records.history.Run`.

    Raises:
        UserError: It was refused. The message contains the reasons.
    """
    from pipelines.records.results import problems, refused

    if refused(run):
        what = "model was not pushed" if run.gate_passed else "data was refused"
        raise UserError(" ".join([f"The {what}.", *problems(run)]))
