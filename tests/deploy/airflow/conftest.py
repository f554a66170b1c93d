"""One running Airflow per version, for all tests, and never two at the same time."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.orchestrators.airflow import target
from tests.deploy.airflow.environments import VERSIONS, environment
from tests.deploy.airflow.server import Airflow, started


@pytest.fixture(scope="session", params=VERSIONS)
def airflow(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[Airflow]:
    """A running Airflow. All tests of a version run before those of the next one."""
    commands = environment(request.param)
    home = tmp_path_factory.mktemp("airflow")
    # Airflow loads plugins when it starts, so this one comes before the first deployment.
    (home / "plugins").mkdir()
    shutil.copy(Path(target.__file__).with_name(target.PLUGIN), home / "plugins")
    with started(request.param, commands, home) as running:
        yield running
