"""A real Kubernetes cluster of one node: control plane, kubelet, and containerd, as processes.

It has neither DNS nor kube-proxy: nothing answers at the address of a service, so tests connect to
pods. The cluster shares only the kernel with the rest of the machine.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import secrets
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import IO, Any

import pytest
from filelock import FileLock

HERE = Path(__file__).parent
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
PROGRAMS = _CACHE / "tfx-tutorials" / "kubernetes-v1.35.4"
_PACKAGES = {
    "etcd": "etcd-server",
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "openssl": "openssl",
    "/usr/lib/cni/ptp": "containernetworking-plugins",
}
_POD_NETWORK = "10.243.0.0/24"
HOST = "10.243.0.1"
"""The machine's address, as pods see it."""


@dataclass
class Node:
    """A running cluster.

    Attributes:
        folder: Everything that it writes, except its images.
    """

    folder: Path
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def kubectl(
        self, *arguments: str | Path, input: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Runs kubectl. Its result has the output and the exit code."""
        done = subprocess.run(
            [PROGRAMS / "kubectl", *arguments],
            env=self.environment,
            input=input,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert not check or done.returncode == 0, f"{arguments}: {done.stderr}{done.stdout}"
        return done

    @property
    def environment(self) -> dict[str, str]:
        """The environment of kubectl."""
        # Its caches of the API's types stay out of the user's home.
        return {
            **os.environ,
            "KUBECONFIG": str(self.folder / "kubeconfig"),
            "KUBECACHEDIR": str(self.folder / "kubectl-cache"),
        }

    def wait(self, found: Callable[[], Any], seconds: float, what: str) -> Any:
        """Waits until `found` returns something.

        Args:
            found: Asks the cluster.
            seconds: The time after which to fail.
            what: The failure's text.
        """
        end = time.monotonic() + seconds
        while not (result := found()):
            if time.monotonic() > end:
                events = self.kubectl("get", "events,pods,jobs", "-A", check=False).stdout
                pytest.fail(f"Not within {seconds} s: {what}.\n{events}")
            time.sleep(0.5)
        return result

    def import_image(self, archive: IO[bytes]) -> None:
        """Gives the node the images of an archive of `docker save`: a file or a pipe."""
        self._ctr("images", "import", "-", stdin=archive, timeout=600)

    def _ctr(self, *arguments: str, stdin: IO[bytes] | None = None, timeout: float = 60) -> str:
        done = subprocess.run(
            ["ctr", "--address", f"{self.folder}/containerd.sock", "-n", "k8s.io", *arguments],
            stdin=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout

    def _start(self, program: str | Path, *arguments: str) -> None:
        name = Path(program).name
        # The kernel ends the servers if the tests are killed.
        command = ["setpriv", "--pdeathsig", "TERM", program, *arguments]
        with (self.folder / f"{name}.log").open("wb") as log:
            self._processes.append(
                subprocess.Popen(
                    command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True
                )
            )

    def _wait_for_server(self, ready: Callable[[], bool], seconds: float, name: str) -> None:
        end = time.monotonic() + seconds
        while not ready():
            log = self.folder / f"{name}.log"
            if time.monotonic() > end or self._processes[-1].poll() is not None:
                text = log.read_text(errors="replace") if log.exists() else ""
                pytest.fail(f"{name} did not start within {seconds} s:\n{text[-3000:]}")
            time.sleep(0.1)

    def start(self) -> None:
        """Starts all servers and waits until the node is ready."""
        etcd, etcd_peers, api, kubelet = _free_ports(4)
        server = f"https://127.0.0.1:{api}"
        token = secrets.token_hex(16)
        self._write("tokens.csv", f'{token},admin,admin,"system:masters"\n')
        self._write("kubeconfig", json.dumps(_kubeconfig(server, token)))
        values = {
            "folder": str(self.folder),
            "images": str(PROGRAMS / "containerd"),
            "kubelet_port": str(kubelet),
            "pod_network": _POD_NETWORK,
        }
        for name, target in {
            "containerd.toml": "containerd.toml",
            "kubelet.yaml": "kubelet.yaml",
            "network.json": "cni/pods.conflist",
        }.items():
            self._write(target, Template((HERE / name).read_text()).substitute(values))
        key = self.folder / "accounts.key"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)

        self._start(
            "containerd",
            f"--config={self.folder}/containerd.toml",
        )
        self._start(
            "etcd",
            f"--data-dir={self.folder}/etcd",
            f"--listen-client-urls=http://127.0.0.1:{etcd}",
            f"--advertise-client-urls=http://127.0.0.1:{etcd}",
            f"--listen-peer-urls=http://127.0.0.1:{etcd_peers}",
            "--unsafe-no-fsync",
        )
        self._start(
            PROGRAMS / "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{etcd}",
            "--bind-address=127.0.0.1",
            f"--secure-port={api}",
            f"--cert-dir={self.folder}/certificates",
            f"--token-auth-file={self.folder}/tokens.csv",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.244.0.0/24",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--endpoint-reconciler-type=none",
            "--kubelet-preferred-address-types=Hostname",
        )
        self._wait_for_server(
            lambda: self.kubectl("get", "--raw", "/readyz", check=False).returncode == 0,
            60,
            "kube-apiserver",
        )
        kubeconfig = f"--kubeconfig={self.folder}/kubeconfig"
        self._start(
            PROGRAMS / "kube-controller-manager",
            kubeconfig,
            f"--service-account-private-key-file={key}",
            "--leader-elect=false",
            "--secure-port=0",
            "--pvclaimbinder-sync-period=1s",
        )
        self._start(
            PROGRAMS / "kube-scheduler", kubeconfig, "--leader-elect=false", "--secure-port=0"
        )
        pause = self.folder / "pause.tar"
        pause.write_bytes(_pause_image())
        with pause.open("rb") as archive:
            self.import_image(archive)
        self._start(
            PROGRAMS / "kubelet",
            kubeconfig,
            f"--config={self.folder}/kubelet.yaml",
            f"--root-dir={self.folder}/kubelet",
            f"--cert-dir={self.folder}/kubelet-certificates",
            # The name by which the API server connects for `kubectl logs`.
            "--hostname-override=localhost",
        )
        self._wait_for_server(
            lambda: self.kubectl(*_IS_READY, check=False).stdout == "True", 60, "kubelet"
        )

    def _write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o600)

    def stop(self) -> None:
        """Stops all pods and servers, and removes all mounts and files."""
        with contextlib.suppress(Exception):
            self._remove_pods()
        for process in reversed(self._processes):  # the kubelet first, containerd last
            if process.args[3] == "containerd":  # type: ignore[index]
                with contextlib.suppress(Exception):
                    self._remove_containers()
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(20)
        for mount in reversed(_mounts(self.folder)):
            subprocess.run(["umount", "--lazy", mount], check=False, timeout=60)
        assert not _mounts(self.folder)
        _remove_traces(self.folder)
        shutil.rmtree(self.folder)

    def _remove_pods(self) -> None:
        """Removes the pods with what would start them again, so that their networks are removed."""
        owners = "cronjobs,jobs,deployments,replicasets"
        self.kubectl("delete", owners, "-A", "--all", "--cascade=orphan", "--timeout=60s")
        self.kubectl("delete", "pods", "-A", "--all", "--grace-period=1", "--timeout=60s")

    def _remove_containers(self) -> None:
        """Removes what is left if the API server or the kubelet died, and unused layers."""
        for container in self._ctr("containers", "ls", "-q").split():
            for command in (
                ("tasks", "kill", "--signal", "KILL", container),
                ("tasks", "delete", "--force", container),
                ("containers", "delete", container),
            ):
                with contextlib.suppress(AssertionError):
                    self._ctr(*command)
        # The second names of images, by digest, keep the gigabytes of replaced images.
        names = self._ctr("images", "ls", "-q").split()
        digests = [name for name in names if name.startswith("sha256:")]
        if digests:
            self._ctr("images", "remove", "--sync", *digests, timeout=120)


_IS_READY = (
    *("get", "node", "localhost", "-o"),
    'jsonpath={.status.conditions[?(@.type=="Ready")].status}',
)


@contextlib.contextmanager
def running_node() -> Iterator[Node]:
    """Starts a cluster and stops it at the end."""
    if os.geteuid() != 0:
        pytest.skip("A Kubernetes node needs root. Run the tests as root.")
    for program, package in _PACKAGES.items():
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing. Install it: apt install {package}")
    if not (PROGRAMS / "pause").exists():
        pytest.skip("Kubernetes is missing. Build it: tests/deploy/kubernetes/build-node")
    # Two nodes would share their images, and each would remove the other's control groups.
    with FileLock(PROGRAMS / "node.lock", timeout=1200):
        node = Node(Path(tempfile.mkdtemp(prefix="node-")))  # sockets need a short path
        try:
            node.start()
            yield node
        finally:
            node.stop()


def _kubeconfig(server: str, token: str) -> dict[str, Any]:
    # The API server signs its certificate itself at each start.
    cluster = {"server": server, "insecure-skip-tls-verify": True}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "admin", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin"}}],
        "current-context": "test",
    }


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _mounts(folder: Path) -> list[str]:
    """Returns the mount points below a folder, in the order of mounting."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line.split()[4] for line in lines if line.split()[4].startswith(f"{folder}/")]


def _remove_traces(folder: Path) -> None:
    """Removes what the kubelet leaves elsewhere: links to logs, and empty control groups."""
    for link in Path("/var/log/containers").glob("*.log"):
        if link.readlink().is_relative_to(folder):
            link.unlink()
    for group in Path("/sys/fs/cgroup").glob("**/kubepods"):
        for path, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):
                Path(path).rmdir()


def _pause_image() -> bytes:
    """Returns the archive of an image with one program that waits."""
    layer = _tar({"pause": (PROGRAMS / "pause").read_bytes()})
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": ["/pause"], "User": "65535:65535"},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
    }
    manifest = {
        "Config": "config.json",
        "RepoTags": ["localhost/pause:1"],
        "Layers": ["layer.tar"],
    }
    return _tar(
        {
            "layer.tar": layer,
            "config.json": json.dumps(config).encode(),
            "manifest.json": json.dumps([manifest]).encode(),
        }
    )


def _tar(files: dict[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()
