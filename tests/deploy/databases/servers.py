"""Real MariaDB and PostgreSQL servers on free ports."""

import os
import shutil
import socket
import subprocess
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

PASSWORD = "s3cret 'quoted' \\back;slash"
"""All characters that need quotes somewhere, and easy to search for: see `SECRET`."""

SECRET = "s3cret"
USER = "tutorials"


@dataclass
class Server:
    """A running server.

    Attributes:
        scheme: The scheme of its URLs.
        folder: Contains its files and its socket.
        port: Its port.
        address: The address that it listens on.
    """

    scheme: str
    folder: Path
    port: int = field(default_factory=lambda: _free_port())
    address: str = "127.0.0.1"

    def url(self, database: str, port: int | None = None) -> str:
        """Returns the URL of a database."""
        return f"{self.scheme}://{USER}@127.0.0.1:{port or self.port}/{database}"

    def new_database(self) -> str:
        """Creates an empty database. Returns its name."""
        name = f"t{uuid.uuid4().hex[:12]}"
        self.create(name)
        return name

    def start(self) -> None:
        """Starts the server and waits for it."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stops the server and waits for that."""
        raise NotImplementedError

    def create(self, name: str) -> None:
        """Creates an empty database of `USER`."""
        raise NotImplementedError

    def query(self, database: str, statement: str) -> list[str]:
        """Runs a statement as the administrator. Returns the rows, with tabs between columns."""
        raise NotImplementedError

    def dump(self, database: str) -> str:
        """Returns the whole content of a database as SQL."""
        raise NotImplementedError


class MariaDB(Server):
    """MariaDB, which is used like MySQL."""

    def initialize(self) -> None:
        """Creates the files and the user."""
        shutil.chown(self.folder, "mysql")
        _run(
            "mariadb-install-db",
            "--user=mysql",
            f"--datadir={self.folder}/data",
            "--auth-root-authentication-method=socket",
            "--skip-test-db",
        )
        self.start()
        quoted = PASSWORD.replace("\\", "\\\\").replace("'", "''")
        self.query("mysql", f"CREATE USER {USER}@'%' IDENTIFIED BY '{quoted}'")

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    "mariadbd",
                    "--no-defaults",
                    "--user=mysql",
                    f"--datadir={self.folder}/data",
                    f"--socket={self.folder}/socket",
                    f"--port={self.port}",
                    f"--bind-address={self.address}",
                    "--innodb-buffer-pool-size=64M",
                ],
                stdout=log,
                stderr=log,
            )
        _wait_for(self.port)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=60)

    def create(self, name: str) -> None:
        self.query("mysql", f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        self.query("mysql", f"GRANT ALL ON {name}.* TO {USER}@'%'")

    def query(self, database: str, statement: str) -> list[str]:
        client = ("mariadb", f"--socket={self.folder}/socket", "-N", database)
        return _run(*client, stdin=statement).splitlines()

    def dump(self, database: str) -> str:
        return _run("mariadb-dump", f"--socket={self.folder}/socket", "--hex-blob", database)


class PostgreSQL(Server):
    """PostgreSQL."""

    def initialize(self) -> None:
        """Creates the files and the user."""
        shutil.chown(self.folder, "postgres")
        password = self.folder / "password"
        password.write_text(f"{PASSWORD}\n", encoding="utf-8")
        shutil.chown(password, "postgres")
        self._as_postgres("initdb", "-A", "scram-sha-256", f"--pwfile={password}", "-U", "postgres")
        self.start()
        quoted = PASSWORD.replace("'", "''")
        self.query("postgres", f"CREATE ROLE {USER} LOGIN PASSWORD '{quoted}'")

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c shared_buffers=64MB "
            f"-c unix_socket_directories={self.folder}"
        )
        log = f"{self.folder}/log"
        self._as_postgres("pg_ctl", "-w", "-t", "60", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self._as_postgres("pg_ctl", "-w", "-t", "60", "-m", "fast", "stop")

    def create(self, name: str) -> None:
        self.query("postgres", f"CREATE DATABASE {name} OWNER {USER}")

    def query(self, database: str, statement: str) -> list[str]:
        client = ("psql", "-At", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-q", "-d", database)
        return self._client(*client, stdin=statement).splitlines()

    def dump(self, database: str) -> str:
        return self._client("pg_dump", "-d", database)

    def _client(self, program: str, *arguments: str, stdin: str = "") -> str:
        address = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres")
        return _run(program, *address, *arguments, stdin=stdin, PGPASSWORD=PASSWORD)

    def _as_postgres(self, program: str, *arguments: str) -> None:
        path = postgresql_programs() / program
        # pg_ctl's child keeps the output open, so it must not be a pipe.
        with (self.folder / "output").open("ab") as output:
            subprocess.run(
                ["runuser", "-u", "postgres", "--", path, "-D", f"{self.folder}/data", *arguments],
                check=True,
                timeout=120,
                stdout=output,
                stderr=output,
                cwd="/",
            )


def postgresql_programs() -> Path | None:
    """Returns the folder of the newest version. Debian keeps it off PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda p: float(p.parts[4])
    )
    return found[-1].parent if found else None


def _run(*command: str, stdin: str = "", **variables: str) -> str:
    done = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **variables},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.1)
