"""Commands for orchestrators, except for those that run nodes."""

import json

import pytest
from typer.testing import CliRunner

from components.errors import UsageError
from pipelines.cli import app
from pipelines.compiled_plan import PLAN_FILE


def command(*arguments: object) -> str:
    """Runs a command in this process and returns its output. Errors are raised."""
    words = list(map(str, arguments))
    return CliRunner().invoke(app, words, catch_exceptions=False).stdout


def test_compiling_prints_the_stages(tmp_path):
    printed = command(
        *("compile", "california_housing", "--data", "/data/{SPAN}", "--root", "/runs"),
        *("--metadata", "mysql://user@host/db", "-o", tmp_path / "plan"),
    )

    assert printed.splitlines()[0] == f"{tmp_path}/plan: 11 nodes in 3 stages"
    assert "  train     Transform, Trainer" in printed.splitlines()
    manifest = json.loads((tmp_path / "plan" / PLAN_FILE).read_text())
    assert manifest["root"] == "/runs"
    assert manifest["data"] == "/data/{SPAN}"
    assert manifest["metadata"] == "mysql://user@host/db"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "airflw"], "There is no target 'airflw'. Did you mean 'airflow'? Choose one of"),
        (
            ["--to", "kubeflow", "--option", "pcv=runs"],
            "--option pcv=runs is not an option of kubeflow. Did you mean 'pvc'? Options: platform",
        ),
        (["--to", "kubeflow", "--option", "pvc"], "--option pvc is not an option of kubeflow."),
        (["--to", "kubeflow", "--param", "epochs=0"], "--param epochs=0 is invalid"),
        (
            ["--to", "kubeflow", "--metadata", "mysql://user:hunter2@host/db"],
            "The URL of the metadata server contains a password.",
        ),
    ],
)
def test_wrong_use_of_deploy_is_refused(tmp_path, arguments, message):
    with pytest.raises(UsageError) as raised:
        command("deploy", "census", "-o", tmp_path / "out", *arguments)

    assert message in str(raised.value)
    assert "hunter2" not in str(raised.value)
    assert not (tmp_path / "out").exists()


def test_containers_have_a_root_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setenv("TUTORIALS_ROOT", str(tmp_path / "local"))

    command("deploy", "census", "--to", "kubeflow", "--data", "sample", "-o", tmp_path / "one")
    command("deploy", "census", "--to", "kubeflow", "--root", "/mnt/runs", "-o", tmp_path / "two")

    assert "--root=/runs" in (tmp_path / "one" / "census.yaml").read_text()
    assert "--root=/mnt/runs" in (tmp_path / "two" / "census.yaml").read_text()
