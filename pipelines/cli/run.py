"""The command that runs a pipeline: `run`."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines import registry
from pipelines.cli.console import (
    BeamArg,
    Data,
    MetadataOption,
    Name,
    NoCache,
    Param,
    RootOption,
    Seed,
    out,
    require_accepted,
    say,
    settings,
)


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command(
        epilog="Examples: [bold]tutorials run census --data sample[/]; "
        "[bold]tutorials run census --param model_type=wide --param l1=0.01 --seed 1[/]"
    )(run)


def run(
    name: Name,
    data: Data = None,
    root: RootOption = None,
    metadata: MetadataOption = None,
    param: Param = None,
    seed: Seed = 0,
    until: Annotated[
        str | None, typer.Option(metavar="NODE", help="Stop after this node, such as Trainer.")
    ] = None,
    no_cache: NoCache = False,
    beam_arg: BeamArg = None,
) -> None:
    """Run a tutorial's pipeline and show the results."""
    from pipelines.datasets.layouts import find
    from pipelines.orchestrators import orchestrator
    from pipelines.parameters import parse
    from pipelines.plan import Plan
    from pipelines.records.results import print_run
    from pipelines.root import Root

    spec = registry.load(name)
    found = settings(root=root, metadata=metadata, beam_args=tuple(beam_arg) if beam_arg else None)
    parameters = parse(spec.parameters, param or [])  # before a sample is written
    plan = Plan(
        spec=spec,
        root=Root.at(found.root, found.metadata),
        data=find(spec, data, found),
        parameters=parameters,
        seed=seed,
        beam_args=found.beam_args,
        cache=not no_cache,
        until=until,
    )
    say(f"{name} on {plan.data.origin}")
    local = orchestrator("local")
    finished = local.unchanged(plan) if plan.cache else None
    if finished:
        say("Nothing has changed since the last run. These are its results.")
    else:
        finished = local.run(plan, out)
    print_run(out, finished, spec)
    require_accepted(finished)
