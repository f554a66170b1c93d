"""Pipelines of Kubeflow Pipelines in containers of the project's image.

They run with `kfp.local`, the SDK's own runner, not with a backend: it fills in the commands and
retries as a backend does, but there are no pods, claims, and limits.
"""

import json
import os
import re
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.containers import Docker
from tests.e2e.harness import TUTORIALS

_LOCAL_RUN = Path(__file__).with_name("local_run.py")
_COLORS = re.compile(r"\x1b\[\d+m")
_SECONDS = 600
"""The longest time of a pipeline: ten times as long as it takes on two cores."""


@dataclass(frozen=True)
class Finished:
    """A pipeline that has ended.

    Attributes:
        returncode: 0 if all tasks succeeded.
        output: What the runner and the containers printed.
        containers: The command and the exit code of each container, in order.
        bucket: The folder of the artifacts.
    """

    returncode: int
    output: str
    containers: list[tuple[list[str], int]]
    bucket: Path

    @property
    def exit_codes(self) -> list[int]:
        return [code for _, code in self.containers]

    @property
    def artifacts(self) -> dict[str, Any]:
        """What the task `results` gave to Kubeflow Pipelines: name -> artifact."""
        (file,) = self.bucket.glob("*/results/executor_output.json")
        found = json.loads(file.read_text("utf-8"))["artifacts"]
        return {name: each["artifacts"][0] for name, each in found.items()}


@dataclass(frozen=True)
class Cluster:
    """Stands for a cluster: an image, a root that all tasks see as /runs, and a bucket per run."""

    docker: Docker
    image: str
    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "runs"

    def deploy(self, *options: str) -> Path:
        """Runs `tutorials deploy`. Returns the file."""
        command = [TUTORIALS, "deploy", "census", "--to", "kubeflow", "-o", self.folder]
        words = [*map(str, command), "--image", self.image, "--root", "/runs", *options]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return self.folder / "census.yaml"

    def run(self, file: Path, **parameters: Any) -> Finished:
        """Runs a pipeline to its end."""
        label = uuid.uuid4().hex
        bucket = self._writable(f"bucket-{label}")
        options = {
            "file": str(file),
            "label": label,
            "mounts": {"/runs": str(self._writable("runs"))},
            "outputs": str(bucket),
            "parameters": parameters,
        }
        try:
            done = subprocess.run(
                [sys.executable, _LOCAL_RUN],
                input=json.dumps(options),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env={**os.environ, **self.docker.environment},
                timeout=_SECONDS,
                check=False,
            )
        finally:
            containers = self._remove(label)
        return Finished(done.returncode, _COLORS.sub("", done.stdout), containers, bucket)

    def show(self, run_id: str) -> dict[str, Any]:
        """Returns the results of a run, as the command in the image prints them."""
        command = ["show", "census", "--run", run_id, "--root", "/runs", "--json"]
        done = self.docker.run(self.image, *command, options=("--volume", f"{self.root}:/runs"))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def _writable(self, name: str) -> Path:
        """Returns a folder that the user of the image may write to."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)
        return folder

    def _remove(self, label: str) -> list[tuple[list[str], int]]:
        """Removes the containers of a pipeline. Returns their commands and exit codes."""
        listed = self.docker("ps", "--all", "--quiet", "--filter", f"label=kfp={label}")
        if not (ids := listed.stdout.split()):
            return []
        found = json.loads(self.docker("inspect", *ids).stdout)
        self.docker("rm", "--force", "--volumes", *ids)
        found.sort(key=lambda container: container["Created"])
        return [(container["Config"]["Cmd"], container["State"]["ExitCode"]) for container in found]


@pytest.fixture(scope="session")
def cluster(docker: Docker, image: str, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    return Cluster(docker, image, tmp_path_factory.mktemp("kubeflow"))
