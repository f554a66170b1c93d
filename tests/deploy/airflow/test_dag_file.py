"""What each version of Airflow finds in the DAG file, without a scheduler."""

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.deploy.airflow.environments import VERSIONS, environment
from tests.pipelines.orchestrators.airflow.deployments import deployment, written

HERE = Path(__file__).parent
IMPORTS = {
    "docker": "airflow.providers.docker.operators.docker",
    "kubernetes": "airflow.providers.cncf.kubernetes.operators.pod",
}
LONGEST_SECONDS = 1.0


@pytest.fixture(scope="module", params=VERSIONS)
def inspect(request, tmp_path_factory):
    """`inspect(folder)` returns what a version of Airflow finds in a folder."""
    commands = environment(request.param)
    home = tmp_path_factory.mktemp("home")
    kubeconfig = home / "kubeconfig"
    kubeconfig.write_text(
        json.dumps(
            {
                "clusters": [{"name": "none", "cluster": {"server": "https://127.0.0.1:1"}}],
                "users": [{"name": "none", "user": {}}],
                "contexts": [{"name": "none", "context": {"cluster": "none", "user": "none"}}],
                "current-context": "none",
            }
        )
    )
    settings = {
        "PATH": os.environ["PATH"],
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "KUBECONFIG": str(kubeconfig),
    }
    migrate = [commands / "airflow", "db", "migrate"]
    subprocess.run(migrate, check=True, env=settings, capture_output=True, timeout=180)

    def find(folder: Path, operator: str = "bash", run_id: str = "manual"):
        bash = "airflow.operators.bash"
        if request.param.startswith("3."):
            bash = "airflow.providers.standard.operators.bash"
        done = subprocess.run(
            [commands / "python", HERE / "inspect_dag.py", folder, IMPORTS.get(operator, bash)],
            env={**settings, "RUN_ID": run_id},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout.splitlines()[-1])
        assert found["errors"] == {}
        print(
            f"Airflow {request.param}, {operator}: import of Airflow and its operator "
            f"{found['seconds']['airflow']:.2f} s, DAG file {found['seconds']['file']:.3f} s"
        )
        return found

    return find


@pytest.mark.parametrize("operator", ["bash", "docker", "kubernetes"])
def test_the_file_parses_fast_and_imports_nothing_heavy(inspect, tmp_path, operator, capfd):
    folder = written(tmp_path / "census", deployment(options={"operator": operator}))

    found = inspect(folder, operator)

    with capfd.disabled():
        print("\n" + capfd.readouterr().out.strip())
    assert found["seconds"]["file"] < LONGEST_SECONDS
    assert found["heavy"] == []
    (dag,) = found["dags"].values()
    assert list(dag["tasks"]) == ["data", "train", "evaluate", "check"]
    assert dag["tasks"]["evaluate"]["upstream"] == ["train"]
    assert dag["tasks"]["check"]["upstream"] == ["evaluate"]
    assert (dag["catchup"], dag["max_active_runs"], dag["max_active_tasks"]) == (False, 1, 1)


def test_the_values_of_the_deployment_reach_the_tasks(inspect, tmp_path):
    options = {"pool": "gpu", "retry-delay": "7", "dag-id": "nightly"}
    wanted = deployment(options=options, retries=4, timeout=90, metadata="mysql://user@host/db")

    dag = inspect(written(tmp_path / "dag", wanted))["dags"]["nightly"]

    for task in dag["tasks"].values():
        assert task["retries"] == 4
        assert task["retry_delay"] == 7
        assert task["timeout"] == 90
        assert task["pool"] == "gpu"
        assert task["env"] == {"TUTORIALS_METADATA": "mysql://user@host/db"}
        assert "none_failed" in task["trigger_rule"].lower()


def test_hostile_values_stay_words_of_the_command(inspect, tmp_path):
    root = "/tmp/it's $(reboot); #.sh"
    folder = written(
        tmp_path / "a b; {{ run_id }} {# #}", deployment(root=root, data="/data/{SPAN}/x")
    )

    (dag,) = inspect(folder, run_id="manual~$(reboot); {{ 1 }}")["dags"].values()

    first, *_, last = map(shlex.split, dag["rendered"])
    run = first[first.index("--run-id") + 1]
    assert first[:2] == ["exec", "/opt/tutorials"]
    assert first[2:4] == ["run-node", str(folder / "plan")]
    assert run.startswith("census-manual___reboot______1___-")
    assert first[6:] == ["--stage", "data", "--span", "2026-11-25"]
    assert last[2:] == ["show", "census", "--run", run, "--check", "--root", root]


def test_names_of_runs_are_short_and_stay_different(inspect, tmp_path):
    folder = written(tmp_path / "census", deployment())

    def name(run_id: str) -> str:
        (dag,) = inspect(folder, run_id=run_id)["dags"].values()
        return shlex.split(dag["rendered"][-1])[5]

    usual = "scheduled__2026-11-25T03:00:00+00:00"
    assert name(usual) == f"census-{usual}"
    long = {name("x" * 240 + end) for end in ("a", "b")}
    assert [len(each) for each in long] == [200, 200]


def test_a_container_sees_the_root_the_data_the_plan_and_the_password(inspect, tmp_path):
    wanted = deployment(
        data="/data/{YYYY}/x",
        metadata="mysql://user@host/db",
        options={"operator": "docker", "password-file": "/etc/password"},
    )
    folder = written(tmp_path / "census", wanted)

    (dag,) = inspect(folder, "docker")["dags"].values()

    task = dag["tasks"]["train"]
    mounts = {mount["Target"]: (mount["Source"], mount["ReadOnly"]) for mount in task["mounts"]}
    inside = task["env"]["TUTORIALS_METADATA_PASSWORD_FILE"]
    assert mounts == {
        "/srv/tutorials": ("/srv/tutorials", False),
        "/data": ("/data", True),
        str(folder / "plan"): (str(folder / "plan"), True),
        inside: ("/etc/password", True),
    }
    assert task["command"][:2] == ["run-node", str(folder / "plan")]


def test_a_pod_is_restricted_and_reads_the_password_from_a_secret(inspect, tmp_path):
    wanted = deployment(
        metadata="mysql://user@host/db", options={"operator": "kubernetes", "secret": "database"}
    )

    (dag,) = inspect(written(tmp_path / "census", wanted), "kubernetes")["dags"].values()

    spec = dag["tasks"]["train"]["pod"]["spec"]
    (container,) = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"]
    assert not spec["automountServiceAccountToken"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["resources"]["limits"] == {"cpu": "2", "memory": "4Gi"}
    assert container["args"][:2] == ["run-node", "/etc/tutorials/plan"]
    assert container["env"][-1] == {
        "name": "TUTORIALS_METADATA_PASSWORD",
        "valueFrom": {"secretKeyRef": {"name": "database", "key": "password"}},
    }
