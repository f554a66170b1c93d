"""The properties of every kind of task."""

from importlib import import_module

import pytest
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from components.report.sections import section
from pipelines.tasks import BINARY, MULTICLASS, REGRESSION

SCHEMA = text_format.Parse(
    """
    feature { name: "kind" type: BYTES string_domain { value: "b" value: "a" } }
    feature { name: "price" type: FLOAT }
    """,
    schema_pb2.Schema(),
)
TASKS = pytest.mark.parametrize("task", [BINARY, MULTICLASS, REGRESSION], ids=lambda t: t.name)


@TASKS
def test_all_names_of_a_task_exist(task):
    for group in (task.metrics, *task.plots, task.worst_rows):
        metric = getattr(import_module(group.module), group.class_name)
        options = {"features": []} if group is task.worst_rows else {}
        for named in group.metrics:
            assert metric(name=named.name, code="", **options).name == named.name
    for name in task.sections:
        assert callable(section(name))
    module, _, name = task.label_check.rpartition(".")
    assert callable(getattr(import_module(module), name))


@pytest.mark.parametrize(
    ("task", "label", "classes"),
    [(BINARY, "kind", ("b", "a")), (MULTICLASS, "kind", ("b", "a")), (REGRESSION, "price", ())],
    ids=["binary", "multiclass", "regression"],
)
def test_only_classification_has_classes(task, label, classes):
    assert task.classes(SCHEMA, label) == classes


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("mae", "lower"),
        ("rmse", "lower"),
        ("mape", "lower"),
        ("r2", "higher"),
        ("mean_bias", None),
        ("example_count", None),
    ],
)
def test_metrics_of_a_regression_have_their_directions(name, better):
    assert {metric.name: metric.better for metric in REGRESSION.metrics.metrics}[name] == better
