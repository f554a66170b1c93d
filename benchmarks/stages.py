"""Compares a run in one process with the same run in one process per stage, or per node.

Orchestrators run `tutorials run-node` in a process per stage. Each process loads its libraries.
Compiling is not counted: it happens once, when a pipeline is deployed. The sides take turns.

    python -m benchmarks.stages census --repeats 3
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from pipelines import compiled_plan

_TUTORIALS = Path(sys.executable).with_name("tutorials")


def main(
    name: Annotated[str, typer.Argument(help="A tutorial.")] = "census",
    repeats: Annotated[int, typer.Option(min=1, help="The number of runs of each side.")] = 3,
    by_node: Annotated[bool, typer.Option("--by-node", help="Add a process per node.")] = False,
) -> None:
    """Measures whole runs of the embedded sample from an empty root, in seconds."""
    sides: dict[str, list[float]] = {"run": [], "stages": [], "stages, cached": []}
    if by_node:
        sides["nodes"] = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            sides["run"].append(_seconds("run", name, "--data", "sample", "--root", folder))
        with tempfile.TemporaryDirectory() as folder:
            stages = _tasks(name, folder, "--stage")
            sides["stages"].append(_run(folder, "first", stages))
            sides["stages, cached"].append(_run(folder, "second", stages))
        if by_node:
            with tempfile.TemporaryDirectory() as folder:
                sides["nodes"].append(_run(folder, "first", _tasks(name, folder, "--node")))
    local = median(sides["run"])
    for side, seconds in sides.items():
        ratios = [own / base for own, base in zip(seconds, sides["run"], strict=True)]
        print(f"{side:15} {median(seconds):6.1f} s  {median(ratios):5.2f} x {local:.1f} s", seconds)


def _tasks(name: str, folder: str, flag: str) -> list[tuple[str, str]]:
    """Compiles a plan into a folder and returns the arguments of each process."""
    _seconds("compile", name, "--data", "sample", "--root", f"{folder}/runs", "-o", folder)
    plan = compiled_plan.read(Path(folder))
    names = plan.upstream if flag == "--node" else [stage.name for stage in plan.stages]
    return [(flag, name) for name in names]


def _run(folder: str, run_id: str, tasks: list[tuple[str, str]]) -> float:
    return sum(_seconds("run-node", folder, "--run-id", run_id, *task) for task in tasks)


def _seconds(*arguments: str) -> float:
    start = time.monotonic()
    subprocess.run([_TUTORIALS, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


if __name__ == "__main__":
    typer.run(main)
