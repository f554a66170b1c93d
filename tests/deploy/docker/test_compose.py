"""The files of `tutorials deploy --to docker` with the real Docker Compose and MariaDB.

Where no registry can be reached, the folder `mariadb` builds a stand-in for the official image.
"""

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.containers import Docker

SERVER = "mariadb:10.11"
NODES = 11


@pytest.fixture(scope="session")
def server_image(docker: Docker, base_image: str) -> str:
    """The official image, or the stand-in under its name."""
    if (
        docker("image", "inspect", SERVER, check=False).returncode
        and docker("pull", "--quiet", SERVER, check=False, timeout=300).returncode
    ):
        folder = Path(__file__).parent / "mariadb"
        docker.build(SERVER, folder / "Dockerfile", folder)
    return SERVER


@dataclass(frozen=True)
class Project:
    """The files of a deployment.

    Attributes:
        compose: Docker with Compose.
        folder: The folder of the files.
        password: The password of the metadata server.
    """

    compose: Docker
    folder: Path
    password: str

    def __call__(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a command of Compose."""
        return self.compose("compose", *words, check=check, folder=self.folder, timeout=600)

    def run(self, *words: str, options: tuple[str, ...] = ()) -> dict[str, Any]:
        """Runs the pipeline and returns the last line of its output."""
        done = self("run", "--rm", "-T", *options, "pipeline", *words)
        return json.loads(done.stdout.splitlines()[-1])


def deploy(compose: Docker, folder: Path, image: str, *words: str) -> Project:
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("tutorials"), "deploy", "census", "--to", "docker"),
            *("--image", image, "-o", folder, *words),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (folder / "secrets").mkdir(mode=0o700)
    password = secrets.token_hex(24)
    (folder / "secrets" / "metadata-password").write_text(password)
    return Project(compose, folder, password)


@pytest.fixture(scope="module")
def project(
    compose: Docker, image: str, server_image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """A deployment with MariaDB, in volumes, after its first run."""
    folder = tmp_path_factory.mktemp("docker") / "files"
    files = deploy(compose, folder, image, "--data", "sample", "--root", "/runs")
    files("down", "--volumes")
    yield files
    files("down", "--volumes")


@pytest.fixture(scope="module")
def first(project: Project) -> dict[str, Any]:
    return project.run()


def query(project: Project, sql: str) -> str:
    script = (
        "MYSQL_PWD=$(cat /run/secrets/metadata-password) "
        'mariadb -N -u tutorials -h 127.0.0.1 tutorials -e "$1"'
    )
    return project("exec", "-T", "mariadb", "sh", "-c", script, "sh", sql).stdout.strip()


def test_a_run_ends_with_a_pushed_model_and_its_metadata_in_mariadb(
    project: Project, first: dict[str, Any]
):
    assert first["blessed"] is True
    assert first["pushed_model"].startswith("/runs/serving/census/")
    assert set(first["states"].values()) == {"run"}
    assert query(project, "SELECT COUNT(*) FROM Execution") == str(NODES)
    names = query(project, "SELECT name FROM Context").splitlines()
    assert first["run_id"] in names


def test_the_next_steps_show_the_results(project: Project, first: dict[str, Any]):
    shown = project(
        *("run", "--rm", "-T", "--entrypoint", "tutorials", "pipeline"), "show", "census", "--json"
    )
    assert json.loads(shown.stdout)["run_id"] == first["run_id"]


def test_the_next_run_is_cached(project: Project, first: dict[str, Any]):
    again = project.run()
    assert again["run_id"] != first["run_id"]
    assert again["pushed_model"] == first["pushed_model"]
    assert set(again["states"].values()) <= {"cached", "run"}
    assert again["states"]["Trainer"] == "cached"


def test_the_password_is_in_its_file_only(project: Project, first: dict[str, Any]):
    files = [file for file in project.folder.rglob("*") if file.is_file()]
    assert project.folder / "plan" / "plan.json" in files
    assert [file.name for file in files if project.password in file.read_text()] == [
        "metadata-password"
    ]
    container = project("ps", "--quiet", "mariadb").stdout.strip()
    assert container
    for output in (
        project("logs").stdout,
        project.compose("inspect", container).stdout,
        project("exec", "-T", "mariadb", "sh", "-c", "cat /proc/[0-9]*/cmdline").stdout,
        query(project, "SELECT * FROM ExecutionProperty"),
        query(project, "SELECT * FROM ContextProperty"),
    ):
        assert output
        assert project.password not in output


def test_a_server_that_is_away_is_tried_again(project: Project, first: dict[str, Any]):
    project("stop", "mariadb")
    done = project(
        *("run", "--rm", "-T", "--no-deps", "-e", "RETRIES=1", "-e", "PAUSE=1", "pipeline"),
        check=False,
    )
    assert done.returncode == 75, done.stdout + done.stderr
    assert "Attempt 1 of 1 to continue the run in 1 s." in done.stderr
    # The next run starts the server.
    assert project.run()["states"]["Trainer"] == "cached"


def test_a_time_out_ends_a_run(project: Project, first: dict[str, Any]):
    done = project("run", "--rm", "-T", "-e", "TIMEOUT=1", "pipeline", check=False)
    assert done.returncode == 124, done.stdout + done.stderr


@pytest.fixture
def own_root(tmp_path: Path) -> Path:
    root = tmp_path / "my $runs"
    root.mkdir()
    root.chmod(0o777)
    return root


def test_docker_stop_reaches_the_run(compose: Docker, image: str, own_root: Path, tmp_path: Path):
    files = deploy(
        *(compose, tmp_path / "files", image, "--data", "sample", "--root", str(own_root)),
        *("--option", "database=sqlite"),
    )
    container = files("run", "--detach", "-T", "pipeline").stdout.strip()
    try:
        end = time.monotonic() + 120
        while "epoch 1/" not in compose("logs", container).stdout:
            assert time.monotonic() < end, compose("logs", container)
            time.sleep(0.2)
        compose("stop", "--time", "60", container)
        code = compose("inspect", "--format", "{{.State.ExitCode}}", container).stdout.strip()
        output = compose("logs", container)
        assert code == "75", output
        assert "Interrupted in Trainer." in output.stderr
        assert "Attempt" not in output.stderr
    finally:
        compose("rm", "--force", "--volumes", container)
        files("down")


def test_sqlite_and_folders_of_this_machine(
    compose: Docker, image: str, own_root: Path, tmp_path: Path
):
    data = tmp_path / "census data"
    data.mkdir()
    (data / "adult.data").write_text("not,a,row\n")
    (data / "adult.test").write_text("not,a,row\n")
    files = deploy(
        *(compose, tmp_path / "files", image, "--root", str(own_root), "--data", str(data)),
        *("--option", "database=sqlite", "--option", "user=1234:5678"),
    )
    done = files("run", "--rm", "-T", "pipeline", check=False)
    assert done.returncode == 1, done.stdout + done.stderr  # refused data
    assert "adult.data" in done.stderr
    assert (own_root / "metadata.sqlite").stat().st_uid == 1234
    files("down")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--option", "database=sqlite"),
        ("--metadata", "postgresql://me@db.example:5432/ml"),
        ("--root", "/srv/it's $HOME: \"#", "--data", "/srv/a: $b"),
    ],
    ids=lambda words: " ".join(words) or "default",
)
def test_compose_accepts_the_files(
    compose: Docker, tmp_path: Path, image: str, words: tuple[str, ...]
):
    files = deploy(compose, tmp_path / "files", image, *words)
    done = files("config", "--format", "json")
    assert done.stderr == ""
    pipeline = json.loads(done.stdout)["services"]["pipeline"]
    assert pipeline["mem_limit"] == str(4 << 30)
    if "--data" in words:
        assert [mount["target"].replace("$$", "$") for mount in pipeline["volumes"][-2:]] == [
            words[1],
            words[3],
        ]
