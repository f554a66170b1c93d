"""Whole pipelines through the real command.

A whole run takes about a minute, so the tests of a process share one and add runs to its root. A
check after each test makes sure that this first run has not changed.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines.records import results
from tests.e2e.harness import QUICK, First, Root


@pytest.fixture(scope="session")
def _first(tmp_path_factory: pytest.TempPathFactory) -> First:
    root = Root(tmp_path_factory.mktemp("first") / "runs")
    done = root.run(*QUICK)
    assert done.returncode == 0, done.stdout + done.stderr
    again = root.run(*QUICK)
    return First(root, done, again, results.as_json(root.runs()[0]), root.served())


@pytest.fixture
def first(_first: First) -> Iterator[First]:
    yield _first
    # Failures of later runs must not change the first one.
    assert results.as_json(_first.root.runs()[-1]) == _first.json
    assert _first.root.served() == _first.served


@pytest.fixture
def spoilt(first: First, tmp_path: Path) -> Callable[..., Path]:
    """`spoilt(line, file)` returns a copy of the sample with an extra line in a file."""

    def copy(line: str, file: str = "adult.data") -> Path:
        folder = tmp_path / "spoilt"
        shutil.copytree(first.data, folder)
        content = (folder / file).read_text().rstrip("\n")
        (folder / file).write_text(f"{content}\n{line}\n")
        return folder

    return copy
