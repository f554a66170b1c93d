"""One node for all tests."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.deploy.containers import Docker
from tests.deploy.kubernetes.node import PROGRAMS, Node, running_node


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    # Two kubelets would remove each other's control groups.
    with FileLock(PROGRAMS / "node.lock", timeout=1200):
        # Sockets need a short path.
        folder = Path(tempfile.mkdtemp(prefix="node-"))
        with running_node(folder) as node:
            yield node


@pytest.fixture(scope="session")
def image_on_node(docker: Docker, image: str, node: Node) -> str:
    """The project's image of this source, on the node."""
    save = [docker.client, "save", image]
    with subprocess.Popen(
        save, env={**os.environ, **docker.environment}, stdout=subprocess.PIPE
    ) as saving:
        assert saving.stdout is not None
        node.import_image(saving.stdout)
    return image
