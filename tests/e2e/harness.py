"""The real command, in processes of its own."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.records import history
from pipelines.root import Root as RunsRoot

TUTORIALS = Path(sys.executable).with_name("tutorials")
QUICK = ("--param", "epochs=2")
Done = subprocess.CompletedProcess[str]

# Without what the tests tell TensorFlow: a user's shell does not.
_SHELL = {name: text for name, text in os.environ.items() if not name.startswith("TF_")}


@dataclass(frozen=True)
class Root:
    """A root of runs, and the command on it."""

    path: Path
    tutorial: str = "census"

    def start(self, *arguments: str, data: Path | str = "sample") -> subprocess.Popen[str]:
        """Starts `tutorials run` as a shell does: in a process group of its own."""
        command = [TUTORIALS, "run", self.tutorial, "--root", self.path, "--data", data, *arguments]
        return subprocess.Popen(
            list(map(str, command)),
            # Who runs the tests in the background ignores interrupts, and so would the command.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**_SHELL, "COLUMNS": "200"},
        )

    def run(self, *arguments: str, data: Path | str = "sample") -> Done:
        """Runs it to its end."""
        return finish(self.start(*arguments, data=data))

    def interrupt(
        self, where: Callable[[], bool], *arguments: str, data: Path | str = "sample"
    ) -> Done:
        """Runs it until `where` says so and then sends what Ctrl-C sends."""
        process = self.start(*arguments, data=data)
        while not where():
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        return finish(process)

    def begun(self, node: str) -> int:
        """Counts the executions of a node whose executor has begun."""
        return len(
            list(self.path.glob(f"pipelines/{self.tutorial}/{node}/.system/executor_execution/*"))
        )

    def runs(self) -> list[history.Run]:
        """The runs, newest first."""
        return history.runs(RunsRoot.at(self.path), self.tutorial)

    def states(self) -> dict[str, str]:
        """How the nodes of the last run ended."""
        return {node.node_id: node.state for node in self.runs()[0].nodes}

    def served(self) -> dict[str, str]:
        """What is pushed: file -> hash of its content."""
        serving = self.path / "serving"
        return {
            str(file.relative_to(serving)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in serving.rglob("*")
            if file.is_file()
        }


def finish(process: subprocess.Popen[str]) -> Done:
    """Waits for the end of a process."""
    out, err = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def sentence(done: Done) -> str:
    """Returns the one line that a failed command prints on stderr."""
    assert done.returncode != 0, done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert "Traceback" not in done.stdout
    return line


@dataclass(frozen=True)
class First:
    """The shared first run: its root, what it printed, and what came of it."""

    root: Root
    done: Done
    again: Done
    json: dict[str, Any]
    served: dict[str, str]

    @property
    def data(self) -> Path:
        """The folder of the embedded sample."""
        (folder,) = (self.root.path / "samples").iterdir()
        return folder
