from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from components.errors import UsageError
from pipelines import registry
from pipelines.datasets.layouts import planned
from pipelines.orchestrators.deployment import Deployment
from pipelines.orchestrators.kubernetes import target
from pipelines.plan import Plan
from pipelines.root import Root


class Planned(Deployment):
    """A deployment whose plan is small, since compiling takes 10 s."""

    def write_plan(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "plan.json").write_text(f"{self.data} {self.metadata}")
        (folder / "pipeline.json").write_text("{}")


@pytest.fixture
def write(tmp_path):
    """`write(**changes)` writes a deployment of census."""

    def write(name="census", root="/runs", data="sample", metadata=None, options=None, **changes):
        spec = registry.load(name)
        plan = Plan(
            spec=spec,
            root=Root.at(Path(root), metadata),
            data=planned(spec, data, Path(root)),
            parameters=spec.parameters(),
        )
        defaults = {name: default for name, (default, _) in target.OPTIONS.items()}
        deployment = Planned(plan, options={**defaults, **(options or {})}, **changes)
        return SimpleNamespace(folder=tmp_path, steps=target.write(deployment, tmp_path))

    return write


def load(written, file):
    return yaml.safe_load((written.folder / file).read_text())


def pod(cronjob):
    return cronjob["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def test_prod_has_the_schedule_and_dev_waits_for_a_command(write):
    written = write(schedule="30 4 * * *")

    prod = load(written, "overlays/prod/cronjob.yaml")["spec"]
    assert (prod["suspend"], prod["schedule"]) == (False, "30 4 * * *")
    assert load(written, "base/cronjob.yaml")["spec"]["suspend"] is True


def test_without_a_schedule_prod_waits_too(write):
    written = write()

    prod = load(written, "overlays/prod/cronjob.yaml")["spec"]
    assert prod == {"suspend": True}
    assert "kubectl create job --from=cronjob/census census-1" in written.steps


def test_retries_and_the_time_limit_are_those_of_the_job(write):
    job = load(write(retries=3, timeout=1800), "base/cronjob.yaml")["spec"]["jobTemplate"]["spec"]

    assert (job["backoffLimit"], job["activeDeadlineSeconds"]) == (3, 1800)


def test_dev_runs_the_sample_with_a_store_of_its_own(write):
    written = write(data="/data/census", metadata="mysql://me@db:3306/mlmd")

    plans = [
        (written.folder / "overlays" / overlay / "plan/plan.json").read_text()
        for overlay in ("dev", "prod")
    ]
    assert plans == ["sample None", "/data/census mysql://me@db:3306/mlmd"]


def test_the_password_comes_from_a_secret(write):
    written = write(metadata="mysql://me@db:3306/mlmd")

    spec = pod(load(written, "overlays/prod/cronjob.yaml"))
    (container,) = spec["containers"]
    (variable,), (mount,) = container["env"], container["volumeMounts"]
    assert variable["name"] == "TUTORIALS_METADATA_PASSWORD_FILE"
    assert variable["value"] == f"{mount['mountPath']}/password"
    assert spec["volumes"][0]["secret"]["secretName"] == "census-metadata"
    assert "kubectl create secret generic census-metadata --from-file=password=" in written.steps


@pytest.mark.parametrize(
    ("options", "volume"),
    [
        ({}, {"hostPath": {"path": "/data/census", "type": "Directory"}}),
        (
            {"data-pvc": "census-data"},
            {"persistentVolumeClaim": {"claimName": "census-data", "readOnly": True}},
        ),
    ],
)
def test_data_is_mounted_where_the_plan_expects_it(write, options, volume):
    spec = pod(load(write(data="/data/census", options=options), "overlays/prod/cronjob.yaml"))

    assert spec["volumes"] == [{"name": "data", **volume}]
    assert spec["containers"][0]["volumeMounts"] == [
        {"name": "data", "mountPath": "/data/census", "readOnly": True}
    ]


def test_all_spans_of_the_data_are_mounted(write):
    spec = pod(load(write(data="/data/census/{SPAN}/"), "overlays/prod/cronjob.yaml"))

    assert spec["containers"][0]["volumeMounts"][0]["mountPath"] == "/data/census"


def test_options_reach_the_volume_and_the_model_server(write):
    written = write(
        options={
            "storage": "1Ti",
            "storage-class": "nfs",
            "access-mode": "ReadWriteMany",
            "serving-image": "mirror.example/serving:1",
        }
    )

    claim = load(written, "base/storage.yaml")["spec"]
    assert claim == {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "nfs",
        "resources": {"requests": {"storage": "1Ti"}},
    }
    server = load(written, "serving/deployment.yaml")["spec"]["template"]["spec"]["containers"][0]
    assert server["image"] == "mirror.example/serving:1"


def test_names_with_underscores_become_valid_ones(write):
    written = write("california_housing")

    assert load(written, "base/cronjob.yaml")["metadata"]["name"] == "california-housing"
    server = load(written, "serving/deployment.yaml")["spec"]["template"]["spec"]["containers"][0]
    assert "--model_base_path=/runs/serving/california_housing" in server["args"]


@pytest.mark.parametrize("name", ["x" * 49, "über", "a\nb", "_a", "a_"])
def test_other_names_are_refused(name):
    with pytest.raises(UsageError, match="Kubernetes does not accept the name"):
        target.object_name(name)


@pytest.mark.parametrize("path", ["/", "/a b", "/$(HOME)", "/a\n", "/a:b"])
@pytest.mark.parametrize("option", ["root", "data"])
def test_paths_that_a_pod_cannot_mount_are_refused(write, option, path):
    with pytest.raises(UsageError, match=f"--{option} .* is not a path for a volume"):
        write(**{option: path})


@pytest.mark.parametrize("text", ['"', "'\n- x: y", "{{ name }}", "ü: #", "1e3", "null", "\\"])
def test_texts_stay_texts(write, text):
    written = write(image=text, schedule=text, cpu=text, options={"serving-image": text})

    (container,) = pod(load(written, "base/cronjob.yaml"))["containers"]
    assert container["image"] == text
    assert container["resources"]["limits"]["cpu"] == text
    assert load(written, "overlays/prod/cronjob.yaml")["spec"]["schedule"] == text


def test_a_plan_that_is_too_large_for_a_config_map_is_refused(write, monkeypatch):
    monkeypatch.setattr(target, "_MAX_PLAN", 1)

    with pytest.raises(UsageError, match=r"The plan of census has \d+ bytes"):
        write()


def test_one_pod_per_node_is_refused(write):
    with pytest.raises(UsageError, match="all nodes in one pod"):
        write(by_node=True)
