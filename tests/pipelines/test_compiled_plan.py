"""Compiled plans as files."""

import json
from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToDict

from components.errors import UsageError
from pipelines.compiled_plan import PIPELINE_FILE, PLAN_FILE, read, write
from pipelines.compiler import compile_plan
from pipelines.plan import NODES
from pipelines.planning import plan_for_nodes
from pipelines.settings import Settings

URL = "mysql://someone@nowhere.example:3306/metadata"


@pytest.fixture(scope="module")
def settings() -> Settings:
    # Neither exists here, as on a machine that only deploys.
    return Settings(root=Path("/nowhere/runs"), metadata=URL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, settings) -> Path:
    plan = plan_for_nodes("census", settings, "/nowhere/census", ["epochs=3"], seed=2)
    return write(plan, tmp_path_factory.mktemp("plan") / "new").folder


def test_what_is_read_is_what_was_compiled(folder, settings):
    plan = read(folder)

    assert plan.pipeline == "census"
    assert plan.root.path == Path("/nowhere/runs")
    assert plan.root.metadata == URL
    assert plan.data == "/nowhere/census"
    assert list(plan.upstream) == ["CsvExampleGen", *NODES]
    assert plan.upstream["StatisticsGen"] == ("CsvExampleGen",)
    again = compile_plan(plan_for_nodes("census", settings, "/nowhere/census", ["epochs=3"], 2))
    # The bytes of packed messages have no fixed order.
    assert MessageToDict(plan.intermediate_representation()) == MessageToDict(again)


def test_the_same_input_gives_the_same_bytes(folder, settings, tmp_path):
    write(plan_for_nodes("census", settings, "/nowhere/census", ["epochs=3"], seed=2), tmp_path)

    for name in (PLAN_FILE, PIPELINE_FILE):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()
    assert read(tmp_path).digest == read(folder).digest


def test_another_seed_gives_another_digest(folder, settings, tmp_path):
    plan = plan_for_nodes("census", settings, "/nowhere/census", ["epochs=3"], seed=3)

    assert write(plan, tmp_path).digest != read(folder).digest


def test_nodes_are_chosen_by_stage_or_by_name_or_all(folder):
    plan = read(folder)

    assert plan.nodes_of("train", []) == ("Transform", "Trainer")
    assert plan.nodes_of(None, ["Trainer", "StatisticsGen"]) == ("StatisticsGen", "Trainer")
    assert plan.nodes_of(None, []) == ("CsvExampleGen", *NODES)


@pytest.mark.parametrize(
    ("stage", "nodes", "message"),
    [
        ("trainn", [], "has no stage 'trainn'. Did you mean 'train'?"),
        (None, ["Trainr"], "has no node 'Trainr'. Did you mean 'Trainer'?"),
        ("train", ["Trainer"], "Both --stage and --node are given."),
    ],
)
def test_unknown_nodes_are_refused(folder, stage, nodes, message):
    with pytest.raises(UsageError) as raised:
        read(folder).nodes_of(stage, nodes)

    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "contains no readable plan.json"),
        ("{", "is not a compiled plan"),
        ("[]", "is not a compiled plan"),
        ('{"format": 1}', "is not a compiled plan"),
        ('{"format": 99}', "has the format 99, and this version reads format 1"),
    ],
)
def test_a_folder_without_a_plan_is_refused(tmp_path, content, message):
    if content is not None:
        (tmp_path / PLAN_FILE).write_text(content)

    with pytest.raises(UsageError, match=message):
        read(tmp_path)


def test_a_span_is_read_from_the_pattern(settings, tmp_path):
    plan = write(plan_for_nodes("census", settings, "/nowhere/{YYYY}-{MM}-{DD}"), tmp_path)

    manifest = json.loads((plan.folder / PLAN_FILE).read_text())
    assert manifest["data"] == "/nowhere/{YYYY}-{MM}-{DD}"


def test_a_root_with_glob_characters_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    with pytest.raises(UsageError, match="contains one of the characters"):
        plan_for_nodes("census", Settings(root=tmp_path / "runs*"), "sample")
