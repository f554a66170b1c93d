import json
import math
from pathlib import Path

import pytest
from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2

from components.report import PAGE_FILE
from pipelines.orchestrators.kubeflow.artifacts import publish
from pipelines.records import history
from pipelines.root import Root
from tests.metadata_store import Store

SUMMARY = {"gate_passed": True, "blessed": True, "metrics": {"accuracy": 0.9, "auc": math.nan}}
TYPES = {"metrics": "system.Metrics", "report": "system.HTML", "model": "system.Model"}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


@pytest.fixture
def executor_input(tmp_path):
    """What Kubeflow Pipelines gives to the component, made with its own messages."""
    outputs = pipeline_spec_pb2.ExecutorInput.Outputs(
        output_file=str(tmp_path / "task" / "executor_output.json")
    )
    for name, title in TYPES.items():
        artifact = outputs.artifacts[name].artifacts.add()
        artifact.name, artifact.uri = name, f"minio://bucket/{name}"
        artifact.type.schema_title = title
    message = pipeline_spec_pb2.ExecutorInput(outputs=outputs)
    return json.loads(json_format.MessageToJson(message))


def finished(store, summary, pushed=None):
    """Records a run. Returns it as the history has it."""
    folder = store.finished("census", "census-1", summary)
    (folder.parent / "report" / PAGE_FILE).write_text("<h1>census</h1>")
    if pushed:
        artifact = store.artifact("PushedModel", str(store.root / "push"))
        artifact.custom_properties["pushed"].int_value = 1
        artifact.custom_properties["pushed_destination"].string_value = str(pushed)
        run = store.open.get_context_by_type_and_name("pipeline_run", "census-1")
        store.node(run, "AtomicPusher", outputs={"pushed_model": artifact})
    (run,) = history.runs(Root.at(store.root))
    return run


def written(executor_input):
    """Parses the component's output as the launcher does: it refuses what the schema has not."""
    text = Path(executor_input["outputs"]["outputFile"]).read_text("utf-8")
    message = json_format.Parse(text, pipeline_spec_pb2.ExecutorOutput())
    return {name: each.artifacts[0] for name, each in message.artifacts.items()}


def test_a_run_becomes_metrics_a_page_and_a_model(store, executor_input, tmp_path):
    pushed = tmp_path / "serving" / "census" / "7"
    (pushed / "variables").mkdir(parents=True)
    (pushed / "saved_model.pb").write_bytes(b"model")
    report, model = tmp_path / "bucket" / "report", tmp_path / "bucket" / "model"

    names = publish(finished(store, SUMMARY, pushed), executor_input, report, model)

    assert names == ["metrics", "report", "model"]
    assert report.read_text() == "<h1>census</h1>"
    assert (model / "saved_model.pb").read_bytes() == b"model"
    artifacts = written(executor_input)
    assert {name: each.uri for name, each in artifacts.items()} == {
        name: f"minio://bucket/{name}" for name in TYPES
    }
    # JSON has no NaN, and the launcher would fail at it.
    assert dict(artifacts["metrics"].metadata) == {"accuracy": 0.9}
    assert artifacts["model"].metadata["version"] == "7"
    assert artifacts["model"].metadata["pushed_to"] == str(pushed)

    # A retry finds the files of the first attempt.
    (run,) = history.runs(Root.at(store.root))
    assert publish(run, executor_input, report, model) == names


def test_a_refused_run_still_has_its_page(store, executor_input, tmp_path):
    refused = {"gate_passed": False, "blessed": False, "metrics": {}}
    report, model = tmp_path / "bucket" / "report", tmp_path / "bucket" / "model"

    names = publish(finished(store, refused), executor_input, report, model)

    assert names == ["report"]
    assert report.read_text() == "<h1>census</h1>"
    assert not model.exists()
    assert [*written(executor_input)] == ["report"]
