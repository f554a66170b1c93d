"""The data gate, on anomalies that TensorFlow Data Validation finds with the census schema."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import tensorflow_data_validation as tfdv
from tfx.types import standard_artifacts

from components.data_gate.classes import missing_classes
from components.data_gate.component import VERDICT_FILE, DataGate, GateVerdict
from pipelines.datasets.samples import census
from pipelines.registry import load
from schemas.reader import read_schema

Rows = pd.DataFrame


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    folder = tmp_path_factory.mktemp("data_gate") / "census"
    load("census").source.sample(folder)
    return pd.read_csv(
        folder / "adult.data",
        names=census.COLUMNS,
        skipinitialspace=True,
        na_values="?",
        keep_default_na=False,
        nrows=1000,
    )


def judge(folder: Path, splits: dict[str, Rows], allowed: dict | None = None) -> tuple[bool, list]:
    """Runs the component's executor. Returns whether the data passed, and the anomalies."""
    schema = read_schema(load("census").schema_file)
    anomalies = standard_artifacts.ExampleAnomalies()
    anomalies.uri = str(folder / "anomalies")
    anomalies.split_names = json.dumps(list(splits))
    statistics = standard_artifacts.ExampleStatistics()
    statistics.uri = str(folder / "statistics")
    statistics.split_names = anomalies.split_names
    for split, rows in splits.items():
        counted = tfdv.generate_statistics_from_dataframe(rows)
        found = tfdv.validate_statistics(counted, schema)
        for name, proto in (
            ("anomalies/Split-{}/SchemaDiff.pb", found),
            ("statistics/Split-{}/FeatureStats.pb", counted),
        ):
            file = folder / name.format(split)
            file.parent.mkdir(parents=True)
            file.write_bytes(proto.SerializeToString())
    verdict = GateVerdict()
    verdict.uri = str(folder / "verdict")
    DataGate.EXECUTOR_SPEC.executor_class().Do(
        {"anomalies": [anomalies], "statistics": [statistics]},
        {"verdict": [verdict]},
        {
            "label": "income_bracket",
            "classes": json.dumps(["<=50K", ">50K"]),
            "allowed": json.dumps(allowed or {}),
            "label_check": "components.data_gate.classes.missing_classes",
            "code": "",
        },
    )
    passed = bool(verdict.get_int_custom_property("passed"))
    return passed, json.loads((folder / "verdict" / VERDICT_FILE).read_text())


def unknown_category(rows: Rows) -> None:
    rows.loc[:19, "occupation"] = "Astronaut"


def few_unknown_categories(rows: Rows) -> None:
    rows.loc[:4, "occupation"] = "Astronaut"


def too_old(rows: Rows) -> None:
    rows.loc[7, "age"] = 150


def no_column(rows: Rows) -> None:
    del rows["education"]


def new_column(rows: Rows) -> None:
    rows["shoe_size"] = 42


def mostly_missing(rows: Rows) -> None:
    rows.loc[:199, "workclass"] = None


def text_instead_of_numbers(rows: Rows) -> None:
    rows["age"] = rows["age"].astype(str)


def unknown_label(rows: Rows) -> None:
    rows.loc[3, "income_bracket"] = "rich"


def test_the_sample_has_no_anomalies(sample, tmp_path):
    assert judge(tmp_path, {"train": sample}) == (True, [])


def test_a_few_unknown_categories_may_be(sample, tmp_path):
    rows = sample.copy()
    few_unknown_categories(rows)

    assert judge(tmp_path, {"train": rows}) == (True, [])


@pytest.mark.parametrize(
    ("damage", "feature", "kind", "what"),
    [
        (unknown_category, "occupation", "ENUM_TYPE_UNEXPECTED_STRING_VALUES", "Astronaut"),
        (too_old, "age", "INT_TYPE_BIG_INT", ""),
        (no_column, "education", "SCHEMA_MISSING_COLUMN", ""),
        (new_column, "shoe_size", "SCHEMA_NEW_COLUMN", ""),
        (mostly_missing, "workclass", "FEATURE_TYPE_LOW_FRACTION_PRESENT", ""),
        (text_instead_of_numbers, "age", "UNEXPECTED_DATA_TYPE", ""),
        (unknown_label, "income_bracket", "ENUM_TYPE_UNEXPECTED_STRING_VALUES", "rich"),
    ],
)
def test_an_anomaly_closes_the_gate(
    sample, tmp_path, damage: Callable[[Rows], None], feature, kind, what
):
    rows = sample.copy()
    damage(rows)

    passed, anomalies = judge(tmp_path, {"train": sample, "eval": rows})

    assert not passed
    assert {(a["split"], a["feature"], a["type"]) for a in anomalies} == {("eval", feature, kind)}
    assert what in anomalies[0]["what"]
    assert anomalies[0]["severity"] == "ERROR"
    assert not anomalies[0]["allowed"]


def test_an_allowed_anomaly_is_only_listed(sample, tmp_path):
    rows = sample.copy()
    too_old(rows)

    passed, (anomaly,) = judge(tmp_path, {"train": rows}, {"age": ["INT_TYPE_BIG_INT"]})

    assert passed
    assert anomaly["allowed"]
    assert anomaly["feature"] == "age"


@pytest.mark.parametrize(
    "allowed",
    [{"occupation": ["INT_TYPE_BIG_INT"]}, {"age": ["SCHEMA_MISSING_COLUMN"]}],
    ids=["of another feature", "of another kind"],
)
def test_an_anomaly_is_allowed_by_feature_and_kind(sample, tmp_path, allowed):
    rows = sample.copy()
    too_old(rows)

    passed, _ = judge(tmp_path, {"train": rows}, allowed)

    assert not passed


def test_every_anomaly_of_every_split_is_listed(sample, tmp_path):
    train, evaluation = sample.copy(), sample.copy()
    too_old(train)
    unknown_category(train)
    no_column(evaluation)

    passed, anomalies = judge(tmp_path, {"train": train, "eval": evaluation})

    assert not passed
    assert [(a["split"], a["feature"]) for a in anomalies] == [
        ("train", "age"),
        ("train", "occupation"),
        ("eval", "education"),
    ]


@pytest.mark.parametrize("split", ["train", "eval", "test"])
def test_a_split_of_one_class_is_stopped(sample, tmp_path, split):
    poor = sample[sample["income_bracket"] == "<=50K"]

    passed, anomalies = judge(tmp_path, {"train": sample, "eval": sample, split: poor})

    assert not passed
    (anomaly,) = (found for found in anomalies if found["type"] == "MISSING_CLASS")
    assert (anomaly["split"], anomaly["feature"]) == (split, "income_bracket")
    assert "No rows of class >50K. Add rows of every class." in anomaly["what"]


def test_only_train_needs_every_one_of_many_classes(tmp_path):
    rows = Rows({"label": ["a", "b", "a", "b"]})
    serialized = tfdv.generate_statistics_from_dataframe(rows).SerializeToString()

    found = missing_classes(
        dict.fromkeys(("train", "eval", "test"), serialized), "label", ["a", "b", "c"]
    )

    assert [anomaly["split"] for anomaly in found] == ["train"]


@pytest.mark.parametrize(
    ("labels", "splits"), [([0, 1, 0], []), ([1, 1], ["train"]), ([0], ["train"])]
)
def test_missing_classes_of_an_integer_label_are_found(labels, splits):
    serialized = tfdv.generate_statistics_from_dataframe(
        Rows({"label": labels})
    ).SerializeToString()

    found = missing_classes({"train": serialized}, "label", ["0", "1"])

    assert [anomaly["split"] for anomaly in found] == splits


def test_an_integer_label_without_values_has_no_classes():
    serialized = tfdv.generate_statistics_from_dataframe(
        Rows({"label": pd.array([None, None], "Int64"), "x": [0, 1]})
    ).SerializeToString()

    (anomaly,) = missing_classes({"train": serialized}, "label", ["0", "1"])

    assert "No rows of class 0, 1." in anomaly["what"]
