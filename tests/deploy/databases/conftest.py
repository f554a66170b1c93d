"""Real servers. Each test has a database of its own."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines.root import Root
from tests.deploy.databases.proxy import Proxy
from tests.deploy.databases.servers import (
    PASSWORD,
    MariaDB,
    PostgreSQL,
    Server,
    postgresql_programs,
)


@pytest.fixture(scope="session", params=["mariadb", "postgresql"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A running server of each kind."""
    if os.geteuid() != 0:
        pytest.skip("The servers' own users need root. Run the tests as root.")
    if request.param == "mariadb" and not shutil.which("mariadbd"):
        pytest.skip("MariaDB is missing. Install it: apt install mariadb-server")
    if request.param == "postgresql" and not postgresql_programs():
        pytest.skip("PostgreSQL is missing. Install it: apt install postgresql")
    # Not in pytest's folder, which other users may not enter.
    folder = Path(tempfile.mkdtemp(prefix=f"{request.param}-"))
    folder.chmod(0o755)
    try:
        kind = {"mariadb": MariaDB, "postgresql": PostgreSQL}[request.param]
        found = kind({"mariadb": "mysql"}.get(request.param, request.param), folder)
        found.initialize()
        try:
            yield found
        finally:
            found.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def database(server: Server) -> str:
    """The name of an empty database of this test."""
    return server.new_database()


@pytest.fixture
def root(server: Server, database: str, tmp_path: Path) -> Root:
    """A root whose metadata is in the test's database."""
    return Root.at(tmp_path / "runs", server.url(database))


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets the password as the user does."""
    monkeypatch.setenv("TUTORIALS_METADATA_PASSWORD", PASSWORD)


@pytest.fixture
def proxy(server: Server) -> Iterator[Callable[..., Proxy]]:
    """Puts a proxy in front of the server: `proxy(delay=0.02)`."""
    opened: list[Proxy] = []

    def start(delay: float = 0.0) -> Proxy:
        opened.append(Proxy(server.port, delay))
        return opened[-1]

    yield start
    for one in opened:
        one.close()
