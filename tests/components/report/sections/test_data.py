"""The section on the data."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from components.report.evidence import Section
from components.report.lineage import PreviousArtifact
from components.report.sections.data import build
from tests.components.report.splits import HOSTILE, TRAIN, of, statistics

SCHEMA = """
feature { name: "age" type: FLOAT float_domain { min: 0 } presence { min_fraction: 0.5 } }
feature { name: "workclass" type: BYTES string_domain { value: "Private" value: "State-gov" } }
feature { name: "id" type: INT int_domain { min: 1 max: 9 } not_in_environment: "SERVING" }
feature { name: "smoker" type: INT bool_domain { } }
feature { name: "job" type: BYTES domain: "jobs" }
string_domain { name: "jobs" value: "Sales" value: "Farming" }
"""


def write(folder: Path, splits: dict) -> Path:
    for split, proto in splits.items():
        file = folder / f"Split-{split}" / "FeatureStats.pb"
        file.parent.mkdir(parents=True)
        file.write_bytes(proto.SerializeToString())
    return folder


@pytest.fixture
def run(evidence, tmp_path):
    (tmp_path / "schema").mkdir()
    (tmp_path / "schema" / "schema.pbtxt").write_text(SCHEMA)
    stored = write(tmp_path / "statistics", statistics())
    return replace(evidence(), statistics=stored, schema=tmp_path / "schema")


def points(section: Section, chart: str) -> list[dict]:
    return section.charts[chart]["datasets"]["points"]


def test_splits_of_a_number_lie_over_each_other(run):
    section = build(run)
    drawn = points(section, "distribution of age")

    assert {point["split"] for point in drawn} == {"train", "test"}
    of_train = [point for point in drawn if point["split"] == "train"]
    assert sum(point["share"] for point in of_train) == pytest.approx(1)
    area = sum(point["density"] * (point["high"] - point["low"]) for point in of_train)
    assert area == pytest.approx(1)
    assert of_train[-1]["density"] == 0


def test_values_of_a_text_are_ranked(run):
    drawn = points(build(run), "distribution of workclass")

    assert [(p["split"], p["value"]) for p in drawn] == [
        ("train", "Private"),
        ("train", "State-gov"),
    ]


def test_what_has_no_distribution_has_no_chart(run):
    features = build(run).values["features"]

    assert features["image"].chart is None
    assert features["workclass"].columns["test"] is None
    assert list(features)[:2] == ["age", "workclass"]


def test_the_schema_is_described_in_words(run):
    age, workclass, identifier, smoker, job = build(run).values["schema"]

    assert (age.type, age.presence, age.domain) == ("float", "50% of rows", "from 0")
    assert (workclass.domain, workclass.presence) == ("Private, State-gov", "optional")
    assert (identifier.domain, identifier.served) == ("from 1 to 9", False)
    assert (smoker.domain, job.domain) == ("0, 1", "Sales, Farming")


def test_previous_data_is_compared_with_as_far_as_it_is_there(run, tmp_path):
    before = write(tmp_path / "before", {"train": of({**TRAIN, "age": [80.0] * 100})})
    known = replace(run, previous_statistics=PreviousArtifact(str(before), "census-0", "folder"))
    pruned = replace(
        run, previous_statistics=PreviousArtifact(str(tmp_path / "gone"), "census-0", "folder")
    )

    section = build(known)
    age = section.values["features"]["age"].distances
    assert set(age) == {"test", "previous train"}
    assert age["previous train"].value > 0.9
    assert section.values["previous"].run_id == "census-0"
    assert build(pruned).values["previous"] is None


def test_a_page_does_not_grow_with_the_length_of_values(run, tmp_path):
    long = write(tmp_path / "long", {"train": of({"text": ["x" * 1000, "x" * 1000, "y"] * 9})})

    drawn = points(build(replace(run, statistics=long)), "distribution of text")

    assert max(len(point["value"]) for point in drawn) == 80


def test_thirty_features_of_three_splits_take_little_room(run, tmp_path):
    columns = {f"number {n}": [float(i * n % 97) for i in range(500)] for n in range(1, 16)}
    columns |= {f"text {n}": [f"{i * n % 31}" for i in range(500)] for n in range(1, 16)}
    stored = write(tmp_path / "wide", dict.fromkeys(("train", "eval", "test"), of(columns)))

    section = build(replace(run, statistics=stored))

    assert len(json.dumps(section.charts)) < 500_000
    assert len(section.charts) == 30


def test_hostile_values_are_data_of_the_chart(run):
    drawn = points(build(run), f"distribution of {HOSTILE[0]}")

    assert {point["value"][:20] for point in drawn} == {text[:20] for text in HOSTILE}


def test_previous_statistics_whose_files_were_deleted_are_left_out(run, tmp_path):
    (tmp_path / "previous" / "Split-train").mkdir(parents=True)
    previous = PreviousArtifact(str(tmp_path / "previous"), "census-1", "embedded sample")

    section = build(replace(run, previous_statistics=previous))

    assert section.values["previous"] is None
