"""The pipeline in real containers: what it leaves, and how it fails."""

import json
import shutil
from pathlib import Path

import ml_metadata
import pytest
from ml_metadata.proto import metadata_store_pb2

# An age and an occupation that the schema does not have.
ROW = (
    "150, Private, {weight}, Bachelors, 13, Never-married, Astronaut, Not-in-family, White, "
    "Male, 2174, 0, 40, United-States, <=50K"
)


@pytest.fixture(scope="module")
def file(cluster):
    return cluster.deploy("--data", "sample", "--retries", "1")


@pytest.fixture(scope="module")
def first(cluster, file):
    return cluster.run(file, seed=7, epochs="2", batch_size=256)


def run_id(finished):
    (words, _), *_ = finished.containers
    return Path(words[words.index("-o") + 1]).name


def test_one_container_runs_per_task(cluster, first):
    assert first.returncode == 0, first.output
    assert set(first.exit_codes) == {0}

    plan = json.loads((cluster.root / "plans" / run_id(first) / "plan.json").read_text())
    stages = [stage["name"] for stage in plan["stages"]]
    commands = [words for words, _ in first.containers]
    assert [words[:2] for words in commands] == [
        ["tutorials", "compile"],
        *[["tutorials", "run-node"]] * (len(stages) - 1),
        ["python", "-m"],
        ["tutorials", "show"],
    ]
    assert [words[-1] for words in commands[:-2]] == stages


def test_the_run_ends_with_a_pushed_model_and_a_report(cluster, first):
    shown = cluster.show(run_id(first))

    assert shown["blessed"]
    assert (on_this_machine(cluster, shown["pushed_model"]) / "saved_model.pb").exists()
    assert on_this_machine(cluster, shown["report"]).stat().st_size > 100_000


def test_the_results_are_artifacts_of_kubeflow(cluster, first):
    shown = cluster.show(run_id(first))

    artifacts = first.artifacts
    assert artifacts["metrics"]["metadata"] == shown["metrics"]
    assert artifacts["metrics"]["metadata"]["accuracy"] > 0.8
    assert Path(artifacts["report"]["uri"]).read_bytes() == (
        on_this_machine(cluster, shown["report"]).read_bytes()
    )
    pushed = on_this_machine(cluster, shown["pushed_model"])
    assert files(Path(artifacts["model"]["uri"])) == files(pushed)
    assert artifacts["model"]["metadata"]["version"] == pushed.name


def test_run_parameters_reach_the_trainer(cluster, first):
    (trainer,) = trainers(cluster)

    assert trainer["seed"] == 7
    assert trainer["parameters"]["epochs"] == 2
    assert trainer["parameters"]["batch_size"] == 256
    assert trainer["parameters"]["patience"] == 4


def test_the_same_run_again_is_cached_by_tfx(cluster, file, first):
    again = cluster.run(file, seed=7, epochs="2", batch_size=256)

    assert again.returncode == 0, again.output
    assert len(again.containers) == len(first.containers)
    assert run_id(again) != run_id(first)
    shown = cluster.show(run_id(again))
    assert {"Transform", "Trainer", "Evaluator"} <= {*shown["cached"]}
    assert again.artifacts["metrics"]["metadata"] == first.artifacts["metrics"]["metadata"]


def test_a_failing_container_fails_the_run(cluster, file):
    failed = cluster.run(file, epochs="many")

    assert failed.returncode == 1
    # The first task fails, also when it is tried again, and nothing runs after it.
    assert failed.exit_codes == [2, 2]
    assert {words[1] for words, _ in failed.containers} == {"compile"}
    assert "Error: --param epochs=many is invalid" in failed.output


def test_refused_data_fails_the_run_at_the_last_task(cluster, file, first):
    (sample,) = (cluster.root / "samples").glob("census-*")
    data = cluster.root / "refused"
    shutil.copytree(sample, data)
    rows = "\n".join(ROW.format(weight=weight) for weight in range(1, 201))
    with (data / "adult.data").open("a") as training:
        training.write(f"{rows}\n")
    models = files(cluster.root / "serving")

    refused = cluster.run(file, data="/runs/refused")

    assert refused.returncode == 1
    assert refused.exit_codes == [0] * (len(first.containers) - 1) + [1]
    assert "Astronaut" in refused.output
    artifacts = refused.artifacts
    assert "Astronaut" in Path(artifacts["report"]["uri"]).read_text("utf-8")
    assert "model" not in artifacts
    assert files(cluster.root / "serving") == models


def on_this_machine(cluster, path):
    return cluster.root / Path(path).relative_to("/runs")


def files(folder):
    """Returns the files below a folder: name -> content."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def trainers(cluster):
    """Returns the settings of all Trainers that ran, as ML Metadata has them."""
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(cluster.root / "metadata.sqlite")
    config.sqlite.connection_mode = metadata_store_pb2.SqliteMetadataSourceConfig.READONLY
    store = ml_metadata.MetadataStore(config)
    executions = store.get_executions_by_type("tfx.components.trainer.component.Trainer")
    return [json.loads(each.custom_properties["custom_config"].string_value) for each in executions]
