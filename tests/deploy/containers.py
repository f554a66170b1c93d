"""Real containers for tests: a Docker daemon, Docker Compose, and the project's image.

A daemon that `docker` already reaches is used as it is. Otherwise, the tests start their own, with
its data in the user's cache, so that a second session builds the image in seconds. Without a
registry, the base image is made with debootstrap, and Compose is built from its Go module.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from filelock import FileLock

from pipelines.compiled_plan import current_code

REPOSITORY = Path(__file__).parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tfx-tutorials"
BASE = "debian:bookworm-slim"
_LABEL = "tfx-tutorials.test"

_COMPOSE_MODULE = "github.com/docker/compose/v2"
_COMPOSE_VERSION = "v2.40.3"

# Sockets need short paths.
_RUNTIME = Path("/run/tfx-tutorials-docker")
_SOCKET = _RUNTIME / "docker.sock"
_PID_FILE = _RUNTIME / "dockerd.pid"


@dataclass(frozen=True)
class Docker:
    """The command line of a Docker daemon.

    Attributes:
        client: The program.
        environment: The variables that it needs in addition to those of this process.
    """

    client: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def __call__(
        self,
        *words: str | Path,
        check: bool = True,
        timeout: float = 300,
        environment: Mapping[str, str] = {},
        folder: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command of Docker. A failure raises an error with its output."""
        done = subprocess.run(
            ["timeout", "--kill-after", "10", str(timeout), self.client, *map(str, words)],
            env={**os.environ, **self.environment, **environment},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            command = " ".join(map(str, words))
            raise RuntimeError(
                f"docker {command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
            )
        return done

    def build(self, image: str, dockerfile: Path, context: Path, *options: str) -> None:
        """Builds an image with BuildKit and the network settings of this machine."""
        self(
            *("build", "--quiet", "--network", "host", "--tag", image, "--file", dockerfile),
            *network_settings(),
            *options,
            context,
            timeout=1800,
            environment={"DOCKER_BUILDKIT": "1"},
        )

    def run(
        self,
        image: str,
        *words: str,
        options: tuple[str, ...] = (),
        memory: str = "4g",
        timeout: float = 600,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a container without rights, network, and a writable file system."""
        return self(
            *("run", "--rm", "--read-only", "--tmpfs", "/tmp", "--network", "none"),
            *("--cap-drop", "all", "--security-opt", "no-new-privileges"),
            *("--memory", memory, "--memory-swap", memory),
            *options,
            image,
            *words,
            check=False,
            timeout=timeout,
        )


def network_settings() -> list[str]:
    """Returns options of `docker build`: package mirrors, certificates, and proxies, if any.

    They are handed over as secrets and as arguments that Docker does not record.
    """
    environment = os.environ.get
    candidates = {
        "pip.conf": (
            environment("PIP_CONFIG_FILE", ""),
            "~/.config/pip/pip.conf",
            "~/.pip/pip.conf",
            "/etc/pip.conf",
        ),
        "uv.toml": ("~/.config/uv/uv.toml", "/etc/uv/uv.toml"),
        "certificates": (environment("SSL_CERT_FILE", ""), "/etc/ssl/certs/ca-certificates.crt"),
    }
    options = []
    for name, paths in candidates.items():
        files = [file for file in (Path(path).expanduser() for path in paths) if file.is_file()]
        options += [f"--secret=id={name},src={file}" for file in files[:1]]
    proxies = {"http_proxy", "https_proxy", "no_proxy", "all_proxy", "ftp_proxy"}
    return options + [f"--build-arg={name}" for name in os.environ if name.lower() in proxies]


@pytest.fixture(scope="session")
def docker() -> Iterator[Docker]:
    """A Docker daemon whose client can build with BuildKit."""
    client = _client()
    if not Docker(client)("info", check=False, timeout=30).returncode:
        yield Docker(client)
        return
    if shutil.which("dockerd") is None:
        pytest.skip("Docker is missing. Install it: apt install docker.io")
    if os.geteuid():
        pytest.skip("Starting a Docker daemon needs root. Start one, or run the tests as root.")
    with _daemon(client) as private:
        yield private


@pytest.fixture(scope="session")
def base_image(docker: Docker) -> str:
    """The image that the project's image is based on. Its name is that of Docker's registry."""
    with FileLock(_cached("base-image.lock")):
        if (
            docker("image", "inspect", BASE, check=False).returncode
            and docker("pull", "--quiet", BASE, check=False, timeout=120).returncode
        ):
            docker("import", "--change", 'CMD ["bash"]', _debian(), BASE)
    return BASE


@pytest.fixture(scope="session")
def image(docker: Docker, base_image: str) -> str:
    """The project's image of this source, which its name contains."""
    name = f"tfx-tutorials:test-{current_code()}"
    with FileLock(_cached("image.lock")):
        # Images of earlier sources have 2.4 GB each.
        old = (f"--filter=label={_LABEL}", "--filter=until=24h")
        docker("image", "prune", "--all", "--force", *old)
        dockerfile = REPOSITORY / "deploy" / "docker" / "Dockerfile"
        docker.build(name, dockerfile, REPOSITORY, "--label", _LABEL)
    return name


@pytest.fixture(scope="session")
def compose(docker: Docker) -> Docker:
    """Docker with its Compose plugin: `compose("compose", "up")`."""
    if not docker("compose", "version", check=False).returncode:
        return docker
    if shutil.which("go") is None:
        pytest.skip("Docker Compose is missing. Install it: apt install docker-compose-plugin")
    config = _cached(f"docker-compose-{_COMPOSE_VERSION}")
    plugin = config / "cli-plugins" / "docker-compose"
    with FileLock(_cached("compose.lock")):
        if not plugin.exists():
            _build_compose(plugin)
    return Docker(docker.client, {**docker.environment, "DOCKER_CONFIG": str(config)})


def _client() -> str:
    """Returns a `docker` that can build with BuildKit. Newer clients need a plugin for it."""
    found = [path for path in (shutil.which("docker"), "/usr/bin/docker") if path]
    for client in found:
        help_text = Docker(client)(
            "build", "--help", check=False, environment={"DOCKER_BUILDKIT": "1"}
        )
        if "--secret" in help_text.stdout:
            return client
    pytest.skip("Docker with BuildKit is missing. Install it: apt install docker.io")


@contextmanager
def _daemon(client: str) -> Iterator[Docker]:
    """Starts a Docker daemon, or joins that of another test process. The last user stops it."""
    docker = Docker(client, {"DOCKER_HOST": f"unix://{_SOCKET}"})
    lock = FileLock(_cached("docker.lock"))
    with _cached("docker.users").open("w") as users:
        with lock:
            fcntl.flock(users, fcntl.LOCK_SH)
            if docker("info", check=False, timeout=30).returncode:
                _start_daemon(docker)
        try:
            yield docker
        finally:
            with lock, suppress(BlockingIOError):  # another process uses it
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _stop_daemon()


def _start_daemon(docker: Docker) -> None:
    log = _cached("dockerd.log")
    _RUNTIME.mkdir(exist_ok=True)
    config = _RUNTIME / "daemon.json"
    # A build needs 8 GB of cache.
    config.write_text('{"builder": {"gc": {"enabled": true, "defaultKeepStorage": "12GB"}}}\n')
    with log.open("w") as output:
        daemon = subprocess.Popen(
            [
                *("dockerd", "--config-file", config, "--pidfile", _PID_FILE),
                *("--data-root", _cached("docker"), "--exec-root", _RUNTIME / "exec"),
                *("--host", f"unix://{_SOCKET}"),
                # It changes nothing on this machine's network.
                *("--bridge", "none", "--iptables=false", "--ip6tables=false"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    end = time.monotonic() + 60
    while docker("info", check=False, timeout=30).returncode:
        if daemon.poll() is not None or time.monotonic() > end:
            daemon.terminate()
            raise RuntimeError(f"The Docker daemon did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.2)


def _stop_daemon() -> None:
    pid = int(_PID_FILE.read_text())
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + 60
    while _PID_FILE.exists():  # the daemon removes it last
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            raise RuntimeError(f"The Docker daemon {pid} did not stop within 60 s.")
        time.sleep(0.2)


def _debian() -> Path:
    """Returns an archive of a minimal Debian 12 that is at most a week old."""
    if shutil.which("debootstrap") is None:
        pytest.skip("debootstrap is missing. Install it: apt install debootstrap")
    archive = _cached("bookworm-slim.tar")
    if archive.exists() and time.time() - archive.stat().st_mtime < 7 * 86_400:
        return archive
    partial = archive.with_suffix(".partial")
    with tempfile.TemporaryDirectory() as folder:
        for command in (
            ["debootstrap", "--variant=minbase", "bookworm", folder, *_debian_mirror()],
            # Debian's slim image leaves these out, too.
            [
                *("tar", "--create", "--file", partial, "--directory", folder),
                *(
                    f"--exclude=./{path}/*"
                    for path in (
                        *("usr/share/doc", "usr/share/man", "usr/share/locale"),
                        *("var/cache/apt", "var/lib/apt/lists", "var/log"),
                    )
                ),
                ".",
            ],
        ):
            done = subprocess.run(
                ["timeout", "900", *command], capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr}")
    partial.replace(archive)
    return archive


def _debian_mirror() -> list[str]:
    """Returns this machine's mirror of Debian 12, if it has one."""
    if shutil.which("apt-get") is None:
        return []
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return [line.split()[1] for line in targets if line.startswith("bookworm ")][:1]


def _build_compose(plugin: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "go.mod").write_text(
            f"module local\ngo 1.24\nrequire {_COMPOSE_MODULE} {_COMPOSE_VERSION}\n"
        )
        done = subprocess.run(
            [
                *("timeout", "1200", "nice", "go", "build", "-mod=mod", "-trimpath"),
                *("-ldflags", f"-s -w -X {_COMPOSE_MODULE}/internal.Version={_COMPOSE_VERSION}"),
                *("-o", "docker-compose", f"{_COMPOSE_MODULE}/cmd"),
            ],
            cwd=folder,
            env={**os.environ, "CGO_ENABLED": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"Docker Compose cannot be built:\n{done.stderr[-2000:]}")
        plugin.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(Path(folder, "docker-compose"), plugin)


def _cached(name: str) -> Path:
    CACHE.mkdir(parents=True, exist_ok=True)
    return CACHE / name
