"""Pipelines of Kubeflow Pipelines in containers of the project's image.

They run with `kfp.local`, the SDK's own runner, not with a backend: it creates the containers and
their commands in the same way, but there are no pods, claims, or retries.
"""

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.e2e.harness import TUTORIALS

_LOCAL_RUN = Path(__file__).with_name("local_run.py")
_COLORS = re.compile(r"\x1b\[\d+m")
# Six times as long as a run takes on two cores.
_SECONDS = 600


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
    """Stands for a cluster: an image, a root that all tasks see as /runs, and a bucket."""

    docker: docker.DockerClient
    environment: dict[str, str]
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
                env=self.environment,
                timeout=_SECONDS,
                check=False,
            )
        finally:
            containers = self._remove(label)
        return Finished(done.returncode, _COLORS.sub("", done.stdout), containers, bucket)

    def show(self, run_id: str) -> dict[str, Any]:
        """Returns the results of a run, as the command in the image prints them."""
        command = ["show", "census", "--run", run_id, "--root", "/runs", "--json"]
        text = self.docker.containers.run(
            self.image,
            command,
            remove=True,
            network_mode="none",
            read_only=True,
            tmpfs={"/tmp": ""},
            volumes={str(self.root): {"bind": "/runs"}},
        )
        return json.loads(text)

    def _writable(self, name: str) -> Path:
        """Returns a folder that the user of the image may write to."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)
        return folder

    def _remove(self, label: str) -> list[tuple[list[str], int]]:
        """Removes the containers of a pipeline. Returns their commands and exit codes."""
        found = self.docker.containers.list(all=True, filters={"label": f"kfp={label}"})
        found.sort(key=lambda container: container.attrs["Created"])
        for container in found:
            container.remove(force=True, v=True)
        return [
            (container.attrs["Config"]["Cmd"], container.attrs["State"]["ExitCode"])
            for container in found
        ]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    host = os.environ.get("DOCKER_HOST", "unix:///run/tutorials-docker.sock")
    image = os.environ.get("TUTORIALS_IMAGE", "tfx-tutorials:kubeflow")
    client = docker.DockerClient(base_url=host, timeout=120)
    folder = tmp_path_factory.mktemp("kubeflow")
    yield Cluster(client, {**os.environ, "DOCKER_HOST": host}, image, folder)
    client.close()
