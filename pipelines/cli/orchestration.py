"""Commands for orchestrators: `compile`, `run-node`, and `deploy`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from components.errors import UsageError, did_you_mean, shorten
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
from pipelines.orchestrators import TARGETS, target

OutputFolder = Annotated[
    Path, typer.Option("--output", "-o", metavar="DIR", help="The folder to write.")
]
StageOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Run the nodes of this stage.", show_default="all nodes"),
]
NodeOption = Annotated[
    list[str] | None, typer.Option(metavar="ID", help="Run this node. Can be repeated.")
]
SpanOption = Annotated[
    str | None,
    typer.Option(
        metavar="N|DATE", help="The span of the data to read.", show_default="the latest one"
    ),
]
WAIT_SECONDS = 600.0


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command(
        "compile",
        epilog="Example: [bold]tutorials compile census --data sample -o plan[/]",
    )(compile_pipeline)
    app.command(
        "run-node",
        epilog="Examples: [bold]tutorials run-node plan --run-id census-1[/]; "
        "[bold]tutorials run-node plan --run-id census-1 --stage train[/]",
    )(run_node)
    app.command(
        epilog="Examples: [bold]tutorials deploy census --to airflow -o dags[/]; "
        "[bold]tutorials deploy census --to kubernetes --schedule '0 3 * * *' --data /data/census "
        "--root /runs --image registry.example/tutorials:1 -o k8s[/]"
    )(deploy)


def compile_pipeline(
    name: Name,
    output: OutputFolder,
    data: Data = None,
    root: RootOption = None,
    metadata: MetadataOption = None,
    param: Param = None,
    seed: Seed = 0,
    no_cache: NoCache = False,
    beam_arg: BeamArg = None,
    run_id: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Also run nodes of the run with this name, which saves loading TFX twice.",
            show_default="only compile",
        ),
    ] = None,
    stage: StageOption = None,
    node: NodeOption = None,
    span: SpanOption = None,
) -> None:
    """Compile a pipeline for an orchestrator.

    The paths of the data and the root are those that the nodes see. They need not exist here.
    """
    from pipelines import compiled_plan
    from pipelines.planning import plan_for_nodes

    found = settings(root=root, metadata=metadata, beam_args=tuple(beam_arg) if beam_arg else None)
    plan = plan_for_nodes(name, found, data, param or [], seed, cache=not no_cache)
    compiled = compiled_plan.write(plan, output)
    say(f"{compiled.folder}: {len(compiled.upstream)} nodes in {len(compiled.stages)} stages")
    for group in compiled.stages:
        say(f"  {group.name:8}  {', '.join(group.nodes)}")
    if run_id:
        run_node(output, run_id, stage, node, span)


def run_node(
    plan: Annotated[
        Path, typer.Argument(metavar="PLAN", help="A folder that 'tutorials compile' wrote.")
    ],
    run_id: Annotated[
        str,
        typer.Option(
            metavar="ID", help="The run's name. All nodes and attempts of a run share it."
        ),
    ],
    stage: StageOption = None,
    node: NodeOption = None,
    span: SpanOption = None,
    wait: Annotated[
        float, typer.Option(min=0, help="The seconds to wait for another run of the same root.")
    ] = WAIT_SECONDS,
) -> None:
    """Run nodes of a compiled pipeline, as orchestrators do.

    Exits with 0 if the nodes have run, are cached, or are skipped because the data was refused, and
    with 75 if another attempt can succeed. A run of all nodes exits with 1 if the data or the model
    was refused. The last line of the output is JSON.
    """
    from pipelines import compiled_plan
    from pipelines.orchestrators.task import run_task
    from pipelines.records.results import print_run

    compiled = compiled_plan.read(plan)
    nodes = compiled.nodes_of(stage, node or [])
    run, states = run_task(compiled, nodes, run_id, span, wait, out)
    whole = not (stage or node)
    if whole:
        print_run(out, run, registry.load(compiled.pipeline))
    print(
        json.dumps(
            {
                "run_id": run_id,
                "states": states,
                "gate_passed": run.gate_passed,
                "blessed": run.blessed,
                "pushed_model": str(run.pushed_model) if run.pushed_model else None,
                "report": str(run.page) if run.page else None,
            }
        )
    )
    if whole:
        require_accepted(run)


def deploy(
    name: Name,
    to: Annotated[
        str,
        typer.Option(
            metavar="TARGET",
            help=f"The orchestrator: {', '.join(TARGETS)}.",
            autocompletion=lambda: list(TARGETS),
        ),
    ],
    output: OutputFolder,
    data: Data = None,
    root: Annotated[
        Path | None,
        typer.Option(
            help="The folder of runs, metadata, and pushed models, as the nodes see it.",
            show_default="runs; in containers: /runs",
        ),
    ] = None,
    metadata: MetadataOption = None,
    param: Param = None,
    seed: Seed = 0,
    schedule: Annotated[
        str | None,
        typer.Option(
            metavar="CRON", help="When to run, in UTC, such as '0 3 * * *'.", show_default="never"
        ),
    ] = None,
    image: Annotated[
        str, typer.Option(metavar="REF", help="The project's container image.")
    ] = "tfx-tutorials",
    cpu: Annotated[
        str, typer.Option(metavar="QUANTITY", help="The processors of a task, as in Kubernetes.")
    ] = "2",
    memory: Annotated[
        str, typer.Option(metavar="QUANTITY", help="The memory of a task, as in Kubernetes.")
    ] = "4Gi",
    retries: Annotated[int, typer.Option(min=0, help="How often a task is tried again.")] = 2,
    timeout: Annotated[int, typer.Option(min=1, help="The longest time of a task in seconds.")] = (
        3600
    ),
    tasks: Annotated[
        Literal["stage", "node"],
        typer.Option(help="Run each stage, or each node, in a process of its own."),
    ] = "stage",
    option: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Set an option of the target. Can be repeated."),
    ] = None,
) -> None:
    """Write the files that run a pipeline on an orchestrator.

    The command never talks to a cluster. The paths of the data and the root are those that the
    nodes see. They need not exist here.
    """
    from pipelines.orchestrators.deployment import Deployment
    from pipelines.planning import plan_for_nodes

    module = target(to)
    found = settings(root=root or module.ROOT, metadata=metadata)
    deployment = Deployment(
        plan=plan_for_nodes(name, found, data, param or [], seed),
        image=image,
        schedule=schedule,
        cpu=cpu,
        memory=memory,
        retries=retries,
        timeout=timeout,
        by_node=tasks == "node",
        options=_options(to, module.OPTIONS, option or []),
    )
    say(module.write(deployment, output))


def _options(
    to: str, known: Mapping[str, tuple[str, str]], assignments: Sequence[str]
) -> dict[str, str]:
    """Returns the options of a target: the defaults, and those of `--option` in their place."""
    values = {name: default for name, (default, _) in known.items()}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals or key not in known:
            described = "; ".join(f"{name} ({text})" for name, (_, text) in known.items())
            raise UsageError(
                f"--option {shorten(assignment)} is not an option of {to}."
                f"{did_you_mean(key, known)} "
                + (f"Options: {described}." if known else "It has no options.")
            )
        values[key] = value
    return values
