"""The pipeline that is built from a plan."""

import dataclasses
from pathlib import Path

import pytest

from components.example_gen.component import StreamingExampleGen
from pipelines.assembly import build_pipeline
from pipelines.datasets.layouts import find
from pipelines.plan import Plan
from pipelines.registry import load, names
from pipelines.root import Root
from pipelines.settings import Settings
from pipelines.spec import PipelineSpec

CENSUS = load("census")


def with_schema(file: Path) -> PipelineSpec:
    """Census with its own copy of the schema file."""

    class Changed(PipelineSpec):
        schema_file = file

    return Changed(**{f.name: getattr(CENSUS, f.name) for f in dataclasses.fields(CENSUS)})


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    data = find(CENSUS, "sample", Settings(root=tmp_path / "runs"))
    return Plan(CENSUS, data, Root.at(tmp_path / "runs"), CENSUS.parameters())


def properties(plan: Plan) -> dict[str, dict]:
    """Returns the properties that, with its input, form a node's cache key."""
    return {
        # As text, since equal parameters of TFX's are not equal.
        node.id: {name: str(value) for name, value in node.exec_properties.items()}
        for node in build_pipeline(plan).components
    }


def changed(before: dict[str, dict], after: dict[str, dict]) -> set[str]:
    assert before.keys() == after.keys()
    return {node for node in before if before[node] != after[node]}


def test_the_same_plan_gives_the_same_pipeline(plan):
    assert changed(properties(plan), properties(plan)) == set()


def test_a_changed_schema_is_imported_anew(plan, tmp_path):
    file = tmp_path / "census.pbtxt"
    file.write_bytes(CENSUS.schema_file.read_bytes())
    same = dataclasses.replace(plan, spec=with_schema(file))
    before = properties(same)
    assert changed(properties(plan), before) == set()

    file.write_text(file.read_text().replace("max: 100 ", "max: 101 "))

    edited = dataclasses.replace(plan, spec=with_schema(file))
    assert "ImportSchemaGen" in changed(before, properties(edited))


@pytest.mark.parametrize(
    "change",
    [{"parameters": CENSUS.parameters(epochs=3)}, {"seed": 1}],
    ids=["hyper-parameter", "seed"],
)
def test_what_only_training_sees_changes_only_the_trainer_and_the_report(plan, change):
    before = properties(plan)

    after = properties(dataclasses.replace(plan, **change))

    assert changed(before, after) == {"Trainer", "Report"}


def test_another_threshold_changes_the_evaluator_and_the_report(plan):
    before = properties(plan)
    threshold = dataclasses.replace(CENSUS.thresholds[0], limit=0.9)

    tutorial = dataclasses.replace(CENSUS, thresholds=(threshold, *CENSUS.thresholds[1:]))

    after = properties(dataclasses.replace(plan, spec=tutorial))
    assert changed(before, after) == {"Evaluator", "Report"}


def test_beam_flags_and_cache_are_set_for_the_whole_pipeline(plan):
    pipeline = build_pipeline(
        dataclasses.replace(plan, beam_args=("--direct_num_workers=2",), cache=False)
    )

    assert "--direct_num_workers=2" in pipeline.beam_pipeline_args
    assert not pipeline.enable_cache


def test_transform_learns_a_function_and_writes_no_rows(plan):
    (transform,) = (node for node in build_pipeline(plan).components if node.id == "Transform")

    assert "transform_graph" in transform.outputs
    assert not {"transformed_examples", "post_transform_stats"} & set(transform.outputs)


def test_the_example_gen_is_one_that_streams(plan):
    assert isinstance(build_pipeline(plan).components[0], StreamingExampleGen)


@pytest.mark.parametrize("name", names())
def test_every_pipeline_has_the_same_shape(tmp_path, name):
    spec = load(name)
    settings = Settings(root=tmp_path / "runs")
    plan = Plan(spec, find(spec, "sample", settings), Root.at(settings.root), spec.parameters())

    built = [node.id for node in build_pipeline(plan).components]

    assert sorted(built) == sorted(plan.node_ids)


def test_building_writes_nothing(plan):
    before = sorted(plan.root.path.rglob("*"))

    build_pipeline(plan)

    assert sorted(plan.root.path.rglob("*")) == before
