"""The files of a deployment to Airflow."""

import json
import sys
from pathlib import Path

import pytest

from components.errors import UsageError
from pipelines.orchestrators.airflow import target
from tests.pipelines.orchestrators.airflow.deployments import deployment, written


def values(folder: Path) -> dict:
    return json.loads((folder / "dag.json").read_text())


def test_the_dag_file_is_a_copy_and_all_values_are_beside_it(tmp_path):
    folder = written(tmp_path / "census", deployment(schedule="0 3 * * *"))

    package = Path(target.__file__).parent
    assert (folder / "dag.py").read_text() == (package / "dag.py").read_text()
    assert values(folder)["schedule"] == "0 3 * * *"
    assert values(folder)["root"] == "/srv/tutorials"
    assert list(values(folder)["tasks"]) == ["data", "train", "evaluate"]
    assert (folder / "plan").is_dir()


def test_the_next_steps_quote_the_folder(tmp_path):
    folder = tmp_path / "my dags; rm"

    steps = target.write(deployment(options={"pool": "gpu"}), folder)

    assert f"'{folder}'/plugins/" in steps
    assert f"airflow pools import '{folder}'/pool.json" in steps
    assert json.loads((folder / "pool.json").read_text())["gpu"]["slots"] == 1


def test_the_command_is_that_of_this_environment(tmp_path):
    folder = written(tmp_path / "census", deployment(options={"executable": ""}))

    assert values(folder)["executable"] == str(Path(sys.executable).with_name("tutorials"))


@pytest.mark.parametrize(
    ("data", "span"),
    [("sample", False), ("/data", False), ("/data/{SPAN}", True), ("/data/{YYYY}-{MM}-{DD}", True)],
)
def test_only_data_with_a_pattern_has_spans(tmp_path, data, span):
    folder = written(tmp_path / "census", deployment(data=data))

    assert values(folder)["span"] is span


def test_catching_up_starts_on_a_day(tmp_path):
    folder = written(tmp_path / "census", deployment(options={"catchup-from": "2026-11-01"}))

    assert (values(folder)["start"], values(folder)["catchup"]) == ("2026-11-01", True)


@pytest.mark.parametrize(
    "option",
    [
        "operator=ssh",
        "retry-delay=0",
        "timezone=Mars/Olympus",
        "timezone=../../etc/passwd",
        "dag-id=../census",
        "pool=a b",
        "report-url=javascript:alert(1)",
        "catchup-from=yesterday",
        "executable=tutorials",
        "claim=A_B",
    ],
)
def test_an_invalid_option_is_wrong_use(tmp_path, option):
    key, _, value = option.partition("=")

    with pytest.raises(UsageError, match=f"The option {key}=.* is invalid: "):
        target.write(deployment(options={key: value}), tmp_path)

    assert not any(tmp_path.iterdir())


def test_pods_see_data_below_the_root_only(tmp_path):
    options = {"operator": "kubernetes"}

    with pytest.raises(UsageError, match="The data /data is not below the root /srv/tutorials"):
        target.write(deployment(data="/data", options=options), tmp_path)

    written(tmp_path / "census", deployment(data="/srv/tutorials/data", options=options))
