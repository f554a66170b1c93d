"""The command that runs a pipeline: `run`."""

from __future__ import annotations

from typing import Annotated

import typer

from components.errors import UserError
from pipelines import registry
from pipelines.cli.console import MetadataOption, Name, RootOption, out, say, settings


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command(
        epilog="Examples: [bold]tutorials run census --data sample[/]; "
        "[bold]tutorials run census --param model_type=wide --param l1=0.01 --seed 1[/]"
    )(run)


def run(
    name: Name,
    data: Annotated[
        str | None,
        typer.Option(
            help="'sample', or a folder in the official layout.",
            show_default="the data root's copy if there is one, else the sample",
        ),
    ] = None,
    root: RootOption = None,
    metadata: MetadataOption = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help="Set a hyper-parameter. Can be repeated. 'tutorials params NAME' shows them.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The random seed for training.")] = 0,
    until: Annotated[
        str | None, typer.Option(metavar="NODE", help="Stop after this node, such as Trainer.")
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Ignore cached results and run every node.")
    ] = False,
    beam_arg: Annotated[
        list[str] | None,
        typer.Option(metavar="FLAG", help="A Beam flag for all components. Can be repeated."),
    ] = None,
) -> None:
    """Run a tutorial's pipeline and show the results."""
    from pipelines.datasets.layouts import find
    from pipelines.orchestrators import orchestrator
    from pipelines.parameters import parse
    from pipelines.plan import Plan
    from pipelines.records.results import print_run, problems, refused
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
    if refused(finished):
        what = "model was not pushed" if finished.gate_passed else "data was refused"
        raise UserError(" ".join([f"The {what}.", *problems(finished)]))
