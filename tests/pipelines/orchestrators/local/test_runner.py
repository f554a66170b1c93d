"""Compiling a run and choosing its nodes."""

import json

import pytest

from components.errors import UsageError
from pipelines.registry import load
from pipelines.datasets.layouts import find
from pipelines.plan import Plan
from pipelines.orchestrators.local import runner
from pipelines.settings import Settings


def compiled(root, until: str | None = None):
    tutorial = load("census")
    data = find(tutorial, "sample", Settings(root=root))
    plan = Plan(tutorial, data, root.resolve(), spec.parameters(), until=until)
    return local.compile_plan(plan, "census-1", "run.log")


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory):
    return compiled(tmp_path_factory.mktemp("runs"))


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
    chosen = local._nodes_to_run(pipeline, until)

    assert set(chosen) == nodes
    assert chosen[-1] == until


def test_training_needs_the_gate_and_no_evaluation(pipeline):
    nodes = local._nodes_to_run(pipeline, "Trainer")

    assert {"DataGate", "Transform", "Trainer"} <= set(nodes)
    assert not {"Evaluator", "AtomicPusher", "Report"} & set(nodes)


def test_without_a_last_node_all_are_run_in_order(pipeline):
    nodes = local._nodes_to_run(pipeline, None)
    upstream = {
        node.pipeline_node.node_info.id: set(node.pipeline_node.upstream_nodes)
        for node in pipeline.nodes
    }

    assert len(nodes) == len(upstream)
    assert nodes[-1] == "Report"
    for index, node in enumerate(nodes):
        assert upstream[node] <= set(nodes[:index])


def test_an_unknown_node_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(
        UsageError, match=r"no node 'Trainr'; the nodes are CsvExampleGen, .*Report"
    ):
        compiled(tmp_path, until="Trainr")


def test_the_run_is_described_for_the_history(pipeline):
    (context,) = (
        context
        for context in pipeline.nodes[0].pipeline_node.contexts.contexts
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


def test_run_ids_are_sortable_and_new():
    first, second = local.new_run_id("census"), local.new_run_id("census")

    assert first.startswith("census-")
    assert first <= second
