"""The manifests of `tutorials deploy`, on a real node."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines import registry
from pipelines.records import history, results
from pipelines.root import Root
from tests.deploy.databases.servers import PASSWORD, SECRET, USER, MariaDB
from tests.deploy.kubernetes.namespace import POD_USER, Namespace
from tests.deploy.kubernetes.node import HERE, HOST, Node
from tests.e2e.harness import QUICK, TUTORIALS


def deploy(folder: Path, name: str, *arguments: str) -> Path:
    """Runs `tutorials deploy` and returns the folder of the manifests."""
    command = [TUTORIALS, "deploy", name, "--to", "kubernetes", "-o", folder, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment with all options."""
    return deploy(
        tmp_path_factory.mktemp("all") / "manifests",
        "california_housing",
        *("--root", "/runs", "--data", "/data/housing", "--option", "data-pvc=housing"),
        *("--schedule", "0 3 * * *", "--metadata", "mysql://tutorials@db.example:3306/mlmd"),
    )


@pytest.mark.parametrize("overlay", ["dev", "prod"])
def test_the_api_server_accepts_all_manifests(node: Node, manifests: Path, overlay: str) -> None:
    done = node.kubectl(*DRY_RUN, manifests / "overlays" / overlay)

    kinds = [line.split("/")[0] for line in done.stdout.splitlines()]
    assert "cronjob.batch" in kinds
    assert ("deployment.apps" in kinds) == (overlay == "prod")
    assert done.stderr == ""


def test_the_api_server_refuses_an_unknown_field(
    node: Node, manifests: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(manifests, tmp_path / "copy")
    cronjob = copy / "base" / "cronjob.yaml"
    cronjob.write_text(cronjob.read_text().replace("backoffLimit", "backofLimit"))

    done = node.kubectl(*DRY_RUN, copy / "overlays" / "dev", check=False)

    assert done.returncode == 1
    assert 'unknown field "spec.jobTemplate.spec.backofLimit"' in done.stderr


DRY_RUN = ("apply", "--dry-run=server", "--validate=strict", "-k")


@dataclass
class Scheduled:
    """What was seen of a run that the schedule started, and whose pod was deleted in the Trainer.

    Attributes:
        namespace: Where it ran.
        root: The folder of its volume.
        job: The Job at its end.
        pods: The pods of the Job, as they were first seen.
        user: The output of `id -u` in the first pod.
        read_only: The error of the attempt to write outside of the volumes.
        overlaps: Events of the CronJob at a minute in which the run was still going on.
        jobs: The names of all Jobs.
        unready: The state of the model server before the first model was pushed.
        log: The log of the pod that finished the run.
    """

    namespace: Namespace
    root: Path
    job: dict[str, Any] = field(default_factory=dict)
    pods: list[dict[str, Any]] = field(default_factory=list)
    user: str = ""
    read_only: str = ""
    overlaps: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    unready: str = ""
    log: str = ""

    def has_begun(self, node: str) -> bool:
        """Whether a node's executor has begun."""
        folder = self.root / "pipelines" / "census" / node / ".system" / "executor_execution"
        return folder.is_dir() and any(folder.iterdir())


@pytest.fixture(scope="module")
def scheduled(
    node: Node, image_on_node: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scheduled]:
    namespace = Namespace(node, "scheduled")
    namespace.create()
    seen = Scheduled(namespace, namespace.volume("census-runs"))
    manifests = deploy(
        tmp_path_factory.mktemp("scheduled") / "manifests",
        "census",
        *("--root", "/runs", "--data", "sample", "--image", image_on_node),
        *("--schedule", "* * * * *", "--cpu", "1", "--memory", "4Gi"),
    )
    overlay = with_model_server(manifests, image_on_node)
    namespace.kubectl("apply", "--server-side", "-k", overlay)

    job = node.wait(lambda: namespace.items("jobs"), 80, "the first Job")[0]["metadata"]["name"]
    first = node.wait(lambda: running_pods(namespace, job), 30, "a running pod")[0]
    seen.pods.append(first)
    pod = first["metadata"]["name"]
    seen.user = namespace.kubectl("exec", pod, "--", "id", "-u").strip()
    seen.read_only = node.kubectl(
        *("-n", namespace.name, "exec", pod, "--", "touch", "/opt/file"), check=False
    ).stderr
    seen.unready = namespace.kubectl(
        "get", "deployment", "census-serving", "-o", "jsonpath={.status.readyReplicas}"
    )
    node.wait(lambda: seen.has_begun("Trainer"), 90, "the Trainer")
    namespace.kubectl("delete", "pod", pod, "--wait=false")
    node.wait(lambda: pod not in names(namespace.items("pods")), 60, "the end of the first pod")
    (second,) = node.wait(lambda: running_pods(namespace, job), 60, "the pod that replaces it")
    seen.pods.append(second)
    with frozen(second):  # the run takes 30 s on a fast machine
        seen.overlaps = node.wait(
            lambda: namespace.items("events", "--field-selector=reason=JobAlreadyActive"),
            90,
            "a minute of the schedule in which the run goes on",
        )
        seen.jobs = names(namespace.items("jobs"))
    namespace.kubectl("patch", "cronjob", "census", "-p", '{"spec": {"suspend": true}}')
    seen.job = node.wait(lambda: ended(namespace, job), 240, "the end of the Job")
    seen.log = namespace.logs(job)
    yield seen


def test_the_schedule_starts_a_run(scheduled: Scheduled) -> None:
    (condition,) = [c for c in scheduled.job["status"]["conditions"] if c["type"] == "Complete"]
    assert condition["status"] == "True", scheduled.log
    created = datetime.fromisoformat(scheduled.job["metadata"]["creationTimestamp"][:-1])
    assert created.second < 10


def test_the_pod_has_no_rights(scheduled: Scheduled) -> None:
    assert scheduled.user == str(POD_USER)
    assert "Read-only file system" in scheduled.read_only
    volumes = [set(volume) for volume in scheduled.pods[0]["spec"]["volumes"]]
    assert {"name", "projected"} not in volumes  # the token of a service account


def test_a_running_job_is_not_overtaken(scheduled: Scheduled) -> None:
    assert scheduled.overlaps
    assert scheduled.jobs == [scheduled.job["metadata"]["name"]]


def test_a_deleted_pod_is_replaced_and_the_run_goes_on(scheduled: Scheduled) -> None:
    first, second = scheduled.pods
    assert first["metadata"]["uid"] != second["metadata"]["uid"]
    (run,) = history.runs(Root.at(scheduled.root), "census")
    assert run.run_id == f"census-{scheduled.job['metadata']['name']}"
    states = json.loads(scheduled.log.splitlines()[-1])["states"]
    before = list(states).index("Trainer")
    assert list(states.values()) == ["done"] * before + ["run"] * (len(states) - before)


def test_the_run_ends_with_a_pushed_model(scheduled: Scheduled) -> None:
    (run,) = history.runs(Root.at(scheduled.root), "census")
    assert run.finished
    assert results.as_json(run)["blessed"]
    (version,) = (scheduled.root / "serving" / "census").iterdir()
    assert (version / "saved_model.pb").stat().st_uid == POD_USER


def test_the_model_is_served(scheduled: Scheduled) -> None:
    namespace = scheduled.namespace
    assert scheduled.unready == ""
    namespace.kubectl("rollout", "status", "deployment/census-serving", "--timeout=60s")
    (pod,) = namespace.items("pods", "--selector=app.kubernetes.io/name=census-serving")
    (file,) = (scheduled.root / "samples").glob("*/adult.test")
    row = file.read_text().splitlines()[1].rpartition(",")[0]
    request = urllib.request.Request(
        f"http://{pod['status']['podIP']}:8501/v1/models/census:predict",
        json.dumps({"signature_name": "csv", "inputs": {"rows": [row]}}).encode(),
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        outputs = json.load(answer)["outputs"]
    assert sum(outputs["scores"][0]) == pytest.approx(1, abs=1e-5)


@pytest.fixture(scope="module")
def database() -> Iterator[MariaDB]:
    """A MariaDB server that pods can reach. It has not been started."""
    if shutil.which("mariadbd") is None:
        pytest.skip("MariaDB is missing. Install it: apt install mariadb-server")
    # Not in pytest's folder, which the server's own user may not enter.
    with tempfile.TemporaryDirectory(prefix="mariadb-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = MariaDB("mysql", folder, address="0.0.0.0")
        server.initialize()
        server.create("metadata")
        server.stop()
        yield server
        server.stop()


def test_an_absent_server_is_waited_for_and_refused_data_is_not_retried(
    node: Node, image_on_node: str, database: MariaDB, tmp_path: Path
) -> None:
    namespace = Namespace(node, "refused")
    namespace.create()
    root = namespace.volume("census-runs")
    # 200 rows with an unknown occupation, below real ones.
    registry.load("census").source.sample(tmp_path / "sample")
    data = shutil.copytree(
        tmp_path / "sample", namespace.volume("data"), dirs_exist_ok=True, copy_function=shutil.copy
    )
    with (data / "adult.data").open("a") as file:
        for weight in range(200):
            file.write(ASTRONAUT.format(weight=weight))
    namespace.kubectl("create", "-f", "-", input=json.dumps(CLAIM))
    (tmp_path / "password").write_text(PASSWORD)
    password = f"--from-file=password={tmp_path / 'password'}"
    namespace.kubectl("create", "secret", "generic", "census-metadata", password)
    url = f"mysql://{USER}@{HOST}:{database.port}/metadata"
    manifests = deploy(
        tmp_path / "manifests",
        "census",
        *("--root", "/runs", "--data", "/data/census", "--option", "data-pvc=data"),
        *("--metadata", url, *QUICK, "--image", image_on_node, "--cpu", "1"),
    )
    namespace.kubectl("apply", "--server-side", "-k", manifests / "overlays" / "prod")

    namespace.kubectl("create", "job", "--from=cronjob/census", "census-1")
    first = node.wait(lambda: exit_codes(namespace, "census-1"), 90, "the end of the first pod")
    database.start()
    job = node.wait(lambda: ended(namespace, "census-1"), 120, "the end of the Job")

    log = namespace.logs("census-1")
    assert first == [75], log
    assert exit_codes(namespace, "census-1") == [75, 1], log
    (reason,) = [c["reason"] for c in job["status"]["conditions"] if c["type"] == "Failed"]
    assert reason == "PodFailurePolicy"
    assert "stopped at the data gate" in log
    assert database.query("metadata", "SELECT name FROM Context WHERE name LIKE '%census-1'") == [
        "census-census-1"
    ]
    written = [file.read_text() for file in manifests.rglob("*.*") if file.is_file()]
    objects = namespace.kubectl("get", "pods,jobs,cronjobs,configmaps,events", "-o", "yaml")
    for text in (*written, objects, log, database.dump("metadata")):
        assert SECRET not in text
    assert not list((root / "serving").glob("census/*"))


ASTRONAUT = (
    "150, Private, {weight}, Bachelors, 13, Never-married, Astronaut, Not-in-family, White, "
    "Male, 2174, 0, 40, United-States, <=50K\n"
)
CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "data"},
    "spec": {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    },
}


def exit_codes(namespace: Namespace, job: str) -> list[int]:
    """Returns the exit codes of the pods of a Job that ended, in order."""
    pods = namespace.items("pods", f"--selector=batch.kubernetes.io/job-name={job}")
    states = [pod["status"].get("containerStatuses", [{}])[0].get("state", {}) for pod in pods]
    return [state["terminated"]["exitCode"] for state in states if "terminated" in state]


def with_model_server(manifests: Path, image: str) -> Path:
    """Adds an overlay to `prod` with the stand-in for TensorFlow Serving."""
    overlay = manifests / "overlays" / "test"
    overlay.mkdir()
    shutil.copy(HERE / "model_server.py", overlay)
    container = {
        "name": "serving",
        "image": image,
        "command": ["python", "/model-server/model_server.py"],
        "env": [{"name": "HOME", "value": "/tmp"}],
        "volumeMounts": [{"name": "model-server", "mountPath": "/model-server"}],
    }
    volume = {"name": "model-server", "configMap": {"name": "model-server"}}
    patch = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "census-serving"},
        "spec": {"template": {"spec": {"containers": [container], "volumes": [volume]}}},
    }
    kustomization = {
        "resources": ["../prod"],
        "configMapGenerator": [{"name": "model-server", "files": ["model_server.py"]}],
        "patches": [{"patch": json.dumps(patch)}],
    }
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return overlay


def names(items: list[dict[str, Any]]) -> list[str]:
    """Returns the names of objects."""
    return [item["metadata"]["name"] for item in items]


def running_pods(namespace: Namespace, job: str) -> list[dict[str, Any]]:
    """Returns the pods of a Job whose container runs."""
    pods = namespace.items("pods", f"--selector=batch.kubernetes.io/job-name={job}")
    return [pod for pod in pods if pod["status"]["phase"] == "Running"]


@contextmanager
def frozen(pod: dict[str, Any]) -> Iterator[None]:
    """Stops the processes of a pod while the `with` body runs."""
    uid = pod["metadata"]["uid"]
    groups = Path("/proc").glob("[0-9]*/cgroup")
    processes = [int(group.parent.name) for group in groups if uid in group.read_text()]
    assert processes
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def ended(namespace: Namespace, job: str) -> dict[str, Any] | None:
    """Returns a Job that is complete or failed."""
    found: dict[str, Any] = namespace.get("job", job)
    conditions = {c["type"]: c["status"] for c in found["status"].get("conditions", [])}
    return found if "True" in (conditions.get("Complete"), conditions.get("Failed")) else None
