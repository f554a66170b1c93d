"""The real commands, as orchestrators and users type them."""

import json
import os
import subprocess
import sys
from pathlib import Path

from pipelines.root import Root
from tests.deploy.databases.servers import PASSWORD

TUTORIALS = str(Path(sys.executable).with_name("tutorials"))
Done = subprocess.CompletedProcess[str]


def start(*arguments: str | Path, password: str = PASSWORD) -> subprocess.Popen[str]:
    """Starts a command."""
    return subprocess.Popen(
        [TUTORIALS, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TUTORIALS_METADATA_PASSWORD": password, "COLUMNS": "200"},
    )


def finish(process: subprocess.Popen[str], seconds: float = 600) -> Done:
    """Waits for the end of a command."""
    try:
        out, err = process.communicate(timeout=seconds)
    finally:
        process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def tutorials(*arguments: str | Path, password: str = PASSWORD) -> Done:
    """Runs a command to its end."""
    return finish(start(*arguments, password=password))


def place(root: Root) -> tuple[str, ...]:
    """The options that name a root and its store."""
    return "--root", str(root.path), *(("--metadata", root.metadata) if root.metadata else ())


def compiled(name: str, root: Root, folder: Path, *arguments: str) -> Path:
    """Compiles a pipeline on its sample. Returns the folder of the plan."""
    done = tutorials("compile", name, "--data", "sample", *place(root), "-o", folder, *arguments)
    assert done.returncode == 0, done.stderr
    return folder


def stages(plan: Path) -> list[str]:
    """The names of the stages of a plan."""
    return [stage["name"] for stage in json.loads((plan / "plan.json").read_text())["stages"]]


def run_stages(plan: Path, run_id: str) -> list[Done]:
    """Runs each stage in a process of its own."""
    done = [tutorials("run-node", plan, "--run-id", run_id, "--stage", s) for s in stages(plan)]
    for stage in done:
        assert stage.returncode == 0, stage.stderr
    return done


def shown(name: str, root: Root, run_id: str) -> dict:
    """Returns what `tutorials show --json` prints."""
    done = tutorials("show", name, "--run", run_id, "--json", *place(root))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
