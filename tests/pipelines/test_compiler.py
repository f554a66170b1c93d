"""Compiling a plan and choosing nodes."""

import json

import pytest
from tfx.proto.orchestration import pipeline_pb2

from pipelines.compiler import compile_plan, for_run, nodes_until
from pipelines.datasets.layouts import find, planned
from pipelines.plan import Plan
from pipelines.registry import load
from pipelines.root import Root
from pipelines.settings import Settings


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory):
    spec = load("census")
    settings = Settings(root=tmp_path_factory.mktemp("runs"))
    data = find(spec, "sample", settings)
    return compile_plan(Plan(spec, data, Root.at(settings.root), spec.parameters()))


@pytest.mark.parametrize(
    ("until", "nodes"),
    [
        ("CsvExampleGen", {"CsvExampleGen"}),
        ("ImportSchemaGen", {"ImportSchemaGen"}),
        ("StatisticsGen", {"CsvExampleGen", "StatisticsGen"}),
        (
            "DataGate",
            {"CsvExampleGen", "StatisticsGen", "ImportSchemaGen", "ExampleValidator", "DataGate"},
        ),
    ],
)
def test_a_part_of_the_pipeline_has_all_that_it_needs(pipeline, until, nodes):
    chosen = nodes_until(pipeline, until)

    assert set(chosen) == nodes
    assert chosen[-1] == until


def test_training_needs_the_gate_and_no_evaluation(pipeline):
    nodes = nodes_until(pipeline, "Trainer")

    assert {"DataGate", "Transform", "Trainer"} <= set(nodes)
    assert not {"Evaluator", "AtomicPusher", "Report"} & set(nodes)


def test_without_a_last_node_all_are_run_in_order(pipeline):
    nodes = nodes_until(pipeline, None)
    upstream = {
        node.pipeline_node.node_info.id: set(node.pipeline_node.upstream_nodes)
        for node in pipeline.nodes
    }

    assert len(nodes) == len(upstream)
    assert nodes[-1] == "Report"
    for index, node in enumerate(nodes):
        assert upstream[node] <= set(nodes[:index])


def test_the_run_is_described_for_the_history(pipeline):
    run = for_run(pipeline, "census-1", {})
    (context,) = (
        context
        for context in run.nodes[0].pipeline_node.contexts.contexts
        if context.type.name == "pipeline_run"
    )

    properties = {
        name: value.field_value.string_value for name, value in context.properties.items()
    }
    assert context.name.field_value.string_value == "census-1"
    assert properties["tutorial"] == "census"
    assert properties["data"] == "embedded sample"
    assert properties["seed"] == "0"
    assert json.loads(properties["parameters"])["model_type"] == "wide_deep"
    assert json.loads(properties["nodes"])[-1] == "Report"


def test_nodes_behind_the_gate_depend_on_it(pipeline):
    behind = {
        node.pipeline_node.node_info.id
        for node in pipeline.nodes
        if node.pipeline_node.inputs.conditionals
    }

    assert {"Transform", "Trainer", "Evaluator", "AtomicPusher"} <= behind
    assert not {"CsvExampleGen", "DataGate", "Report"} & behind


def test_the_run_id_is_left_open(pipeline):
    assert not pipeline.runtime_spec.pipeline_run_id.field_value.string_value
    run = for_run(pipeline, "census-1", {})
    assert run.runtime_spec.pipeline_run_id.field_value.string_value == "census-1"
    assert not pipeline.runtime_spec.pipeline_run_id.field_value.string_value


def test_the_connection_to_ml_metadata_is_left_out(pipeline):
    deployment = pipeline_pb2.IntermediateDeploymentConfig()
    assert pipeline.deployment_config.Unpack(deployment)

    assert not deployment.HasField("metadata_connection_config")
    assert "metadata.sqlite" not in str(pipeline)


def test_compiling_is_deterministic(tmp_path):
    spec = load("census")
    settings = Settings(root=tmp_path)
    plan = Plan(spec, find(spec, "sample", settings), Root.at(tmp_path), spec.parameters())

    first, second = (compile_plan(plan).SerializeToString(deterministic=True) for _ in range(2))

    assert first == second


@pytest.mark.parametrize("data", ["/nowhere", "/nowhere/{SPAN}"])
def test_the_span_is_chosen_for_each_run(tmp_path, data):
    spec = load("census")
    plan = Plan(spec, planned(spec, data, tmp_path), Root.at(tmp_path), spec.parameters())
    compiled = compile_plan(plan)

    def chosen(span: int | None) -> str | None:
        run = for_run(compiled, "census-1", {}, span)
        parameters = run.nodes[0].pipeline_node.parameters.parameters
        if "range_config" not in parameters:
            return None
        return parameters["range_config"].field_value.string_value

    if not plan.data.has_spans:
        assert chosen(3) is None
    else:
        assert chosen(None) == ""
        assert json.loads(chosen(3)) == {"staticRange": {"startSpanNumber": 3, "endSpanNumber": 3}}


def test_a_run_has_more_properties(pipeline):
    run = for_run(pipeline, "census-1", {"root_id": "a1b2"})

    contexts = [
        c for c in run.nodes[0].pipeline_node.contexts.contexts if "root_id" in c.properties
    ]
    assert [c.type.name for c in contexts] == ["pipeline_run"]
