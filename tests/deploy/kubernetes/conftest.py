"""One node for all tests."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

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
def image_on_node(node: Node, image: str) -> str:
    node.import_image(...)
    return image
