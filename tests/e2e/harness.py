"""Runs the real command in new processes."""

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

# Without the settings that the tests give to TensorFlow, as in a user's shell.
SHELL = {name: text for name, text in os.environ.items() if not name.startswith("TF_")}


@dataclass(frozen=True)
class Root:
    """A root of runs, and the commands to use it."""

    path: Path
    tutorial: str = "census"

    def start(self, *arguments: str, data: Path | str = "sample") -> subprocess.Popen[str]:
        """Starts `tutorials run` as a shell does, in a new process group."""
        command = [TUTORIALS, "run", self.tutorial, "--root", self.path, "--data", data, *arguments]
        return subprocess.Popen(
            list(map(str, command)),
            # If the tests run in the background, they ignore interrupts, and so would the command.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**SHELL, "COLUMNS": "200"},
        )

    def run(self, *arguments: str, data: Path | str = "sample") -> Done:
        """Runs `tutorials run` to its end."""
        return finish(self.start(*arguments, data=data))

    def interrupt(
        self, where: Callable[[], bool], *arguments: str, data: Path | str = "sample"
    ) -> Done:
        """Runs `tutorials run` until `where` is true, and then sends the signal of Ctrl-C."""
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
        """Returns the states of the last run's nodes."""
        return {node.node_id: node.state for node in self.runs()[0].nodes}

    def served(self) -> dict[str, str]:
        """Returns the pushed files: file -> hash of its content."""
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
    """The shared first run: its root, its output, and its results."""

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
