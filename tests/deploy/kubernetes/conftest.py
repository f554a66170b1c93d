"""One node for all tests."""

import os
import subprocess
from collections.abc import Iterator

import pytest

from tests.deploy.containers import Docker
from tests.deploy.kubernetes.node import Node, running_node


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    with running_node() as node:
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
