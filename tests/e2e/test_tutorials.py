"""One run of each other tutorial on its sample, and the pushed model."""

import base64
import gzip
import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from markupsafe import escape
from sklearn.metrics import (
    accuracy_score,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

from pipelines.records import results
from pipelines.registry import load
from tests.components.report.browser import faults
from tests.e2e.harness import Root

SCRIPT = """
import json, sys
import numpy as np
import tensorflow as tf

folder, data, name, argument, wanted = sys.argv[1:]
given = np.load(data, allow_pickle=True)
served = tf.saved_model.load(folder).signatures
direct = served[name](**{argument: tf.constant(given["inputs"])})
examples = served["serving_default"](examples=tf.constant(given["examples"]))
numbers = "scores" if "scores" in direct else "predictions"
print(json.dumps({
    "outputs": {
        name: f"{tensor.dtype.name} {list(tensor.shape[1:])}" for name, tensor in direct.items()
    },
    "classes": [value.decode() for value in direct["classes"].numpy()[0]]
    if "classes" in direct else [],
    "numbers": direct[numbers].numpy().tolist(),
    "equal": direct[numbers].numpy().tobytes() == examples[numbers].numpy().tobytes(),
    "imported": [m for m in wanted.split() if m in sys.modules],
}))
"""


class Case(NamedTuple):
    """The specifics of a tutorial.

    Attributes:
        parameters: The hyper-parameters of a quick run.
        signature: An additional signature of the served model, and its argument.
        test: The test split of a data folder: inputs of that signature, labels, and the features
            of the same rows, by name.
        slices: Some of the slices in the results.
        outputs: The outputs of a signature: name -> dtype and shape of a row.
    """

    parameters: tuple[str, ...]
    signature: tuple[str, str]
    test: Callable[[Path], tuple[list[Any], list[str], list[dict[str, Any]]]]
    slices: set[str]
    outputs: dict[str, str]


def _higgs_test(folder: Path) -> tuple[list[Any], list[str], list[dict[str, Any]]]:
    from trainer_modules.higgs.features import FEATURES

    with gzip.open(folder / "HIGGS.csv.gz", "rt") as file:
        lines = file.read().splitlines()
    rows = [line.partition(",") for line in lines[round(len(lines) * 0.8) :]]
    labels = ["signal" if float(label) else "background" for label, _, _ in rows]
    features = [dict(zip(FEATURES, map(float, row.split(",")), strict=True)) for _, _, row in rows]
    return [row for _, _, row in rows], labels, features


def _imdb_test(folder: Path) -> tuple[list[Any], list[str], list[dict[str, Any]]]:
    texts, labels = [], []
    with tarfile.open(folder / "aclImdb_v1.tar.gz") as archive:
        for member in archive:
            _, split, label, _ = member.name.split("/")
            if split == "test":
                texts.append(archive.extractfile(member).read())
                labels.append(label)
    return texts, labels, [{"text": text} for text in texts]


def _mnist_test(folder: Path) -> tuple[list[Any], list[str], list[dict[str, Any]]]:
    contents = {
        kind: gzip.decompress((folder / f"t10k-{kind}-ubyte.gz").read_bytes())
        for kind in ("images-idx3", "labels-idx1")
    }
    images = np.frombuffer(contents["images-idx3"], np.uint8, offset=16).reshape(-1, 28, 28)
    labels = [str(digit) for digit in contents["labels-idx1"][8:]]
    return list(images), labels, [{"image": image.tobytes()} for image in images]


def _california_housing_test(folder: Path) -> tuple[list[Any], list[str], list[dict[str, Any]]]:
    """Returns the rows that the pipeline's own hash assigns to test."""
    from components.csv_example_gen.encoder import encode
    from components.csv_example_gen.format import CsvFormat, format_of
    from components.csv_example_gen.reader import read_batches
    from components.example_gen.partition import Batch, Partition
    from schemas.reader import read_schema

    spec = load("california_housing")
    options = spec.source.options["csv"]
    csv = CsvFormat(**format_of(read_schema(spec.schema_file), spec.label, options))
    partition = Partition(["train", "eval", "test"], spec.source.hash_buckets)
    lines, labels, features = [], [], []
    for batch in read_batches(folder / "CaliforniaHousing" / "cal_housing.data", csv):
        records = encode(batch)
        test = {
            record
            for split, part in partition.cut(Batch(records))
            if split == "test"
            for record in part
        }
        for record, row in zip(records, batch.to_pylist(), strict=True):
            if record in test:
                labels.append(row.pop(spec.label))
                features.append(row)
                lines.append(",".join(str(np.float32(value)) for value in row.values()))
    return lines, labels, features


_BINARY = {"scores": "float32 [2]", "classes": "string [2]"}

CASES = {
    "california_housing": Case(
        ("trees=60",),
        ("csv", "rows"),
        _california_housing_test,
        {"region=Los Angeles", "median_income_quartile=1st (below 2.56)"},
        {"predictions": "float32 []"},
    ),
    "higgs": Case(
        ("trees=60",),
        ("csv", "rows"),
        _higgs_test,
        {"b_tagged_jets=1", "b_tagged_jets=2"},
        _BINARY,
    ),
    "imdb": Case(
        (),
        ("text", "text"),
        _imdb_test,
        {"rating_band=1-4", "rating_band=7-10", "length_quartile=1st (up to 127 words)"},
        _BINARY,
    ),
    "mnist": Case(
        (),
        ("images", "images"),
        _mnist_test,
        {f"label={n}" for n in range(10)},
        {"scores": "float32 [10]", "classes": "string [10]"},
    ),
}


class Done(NamedTuple):
    """A finished run on the sample, and the outputs of its served model on the test split."""

    name: str
    case: Case
    root: Root
    json: dict[str, Any]
    summary: dict[str, Any]
    labels: list[str]
    served: dict[str, Any]


@pytest.fixture(scope="module", params=CASES)
def done(request, tmp_path_factory) -> Iterator[Done]:
    case, folder = CASES[request.param], tmp_path_factory.mktemp(request.param)
    root = Root(folder / "runs", request.param)
    ran = root.run(*(word for value in case.parameters for word in ("--param", value)))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (run,) = root.runs()
    (data,) = (root.path / "samples").iterdir()
    inputs, labels, features = case.test(data)
    np.savez(
        folder / "test.npz",
        inputs=np.array(inputs),
        examples=np.array([_example(row) for row in features], object),
    )
    heavy = "tfx tensorflow_transform tfx_bsl xgboost components trainer_modules"
    arguments = [run.pushed_model, folder / "test.npz", *case.signature, heavy]
    script = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=False
    )
    assert script.returncode == 0, script.stderr
    served = json.loads(script.stdout)
    yield Done(request.param, case, root, results.as_json(run), run.summary, labels, served)


def _example(row: dict[str, Any]) -> bytes:
    import tensorflow as tf

    example = tf.train.Example()
    for name, value in row.items():
        feature = example.features.feature[name]
        if isinstance(value, bytes):
            feature.bytes_list.value.append(value)
        else:
            feature.float_list.value.append(value)
    return example.SerializeToString()


def test_it_is_blessed_and_keeps_to_the_contract(done):
    assert done.json["blessed"]
    assert done.json["tutorial"] == done.name
    assert done.json["data"] == "embedded sample"
    assert len(done.root.states()) == 11
    assert set(done.root.states().values()) == {"run"}
    assert done.case.slices <= set(done.json["slices"])
    assert done.json["metrics"]["example_count"] == len(done.labels)


def test_the_served_model_needs_nothing_but_tensorflow(done):
    assert done.served["imported"] == []


def test_both_signatures_score_the_same_to_the_bit(done):
    assert done.served["equal"]
    assert done.served["outputs"] == done.case.outputs
    assert set(load(done.name).task.outputs) == set(done.case.outputs)


def test_metrics_of_the_original_are_for_its_own_test_split(done):
    assert done.summary["reference_metrics"] == {}


def test_the_served_model_scores_as_the_evaluator_says(done):
    classes, numbers = done.served["classes"], np.array(done.served["numbers"])
    if not classes:
        for name, measure in (
            ("rmse", root_mean_squared_error),
            ("mae", mean_absolute_error),
            ("r2", r2_score),
        ):
            expected = measure(done.labels, numbers)
            assert done.json["metrics"][name] == pytest.approx(expected, rel=1e-5)
        return
    scores = numbers
    predicted = [classes[index] for index in scores.argmax(axis=1)]

    assert classes == sorted(set(done.labels))
    accuracy = accuracy_score(done.labels, predicted)
    assert accuracy == pytest.approx(done.json["metrics"]["accuracy"], abs=1e-3)
    if len(classes) == 2:
        auc = roc_auc_score([label == classes[1] for label in done.labels], scores[:, 1])
        assert auc == pytest.approx(done.json["metrics"]["auc"], abs=1e-3)


def test_the_report_gets_the_errors_that_the_tutorial_asks_for(done):
    wanted = load(done.name).error_features
    errors = done.summary["errors"]

    assert bool(errors) == bool(wanted)
    for error in errors:
        assert error["label"] != error["predicted"]
        assert set(error["features"]) == set(wanted)
    sizes = [
        error["score"] if "score" in error else abs(error["predicted"] - error["label"])
        for error in errors
    ]
    assert sizes == sorted(sizes, reverse=True)
    if done.name == "mnist":
        assert len(base64.b64decode(errors[0]["features"]["image"]["bytes"])) == 784
        confusion = np.array(done.summary["confusion"])
        assert confusion.sum() == len(done.labels)
        accuracy = confusion.trace() / confusion.sum()
        assert accuracy == pytest.approx(done.json["metrics"]["accuracy"])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1400, 400])
def test_the_report_opens_without_a_fault(done, chromium, width, dark):
    (run,) = done.root.runs()

    assert faults(chromium, run.page, width=width, dark=dark) == []
    assert run.page.stat().st_size < 5_000_000


def test_the_report_begins_with_what_the_terminal_shows(done):
    (run,) = done.root.runs()
    limits = {limit.metric: limit.limit for limit in load(done.name).thresholds}

    checks = {check["metric"]: check for check in done.summary["checks"]}
    assert {name: check["limit"] for name, check in checks.items()} == limits
    for name, check in checks.items():
        assert check["value"] == done.json["metrics"][name]
        sign = 1 if check["better"] == "higher" else -1
        assert check["margin"] == pytest.approx(sign * (check["value"] - limits[name]))
        assert check["margin"] > 0
    facts = done.summary["facts"]
    assert f"{len(done.labels):,} test" in facts["Rows"]
    assert facts["Run"] == run.run_id
    page = run.page.read_text("utf-8")
    assert all(str(escape(text)) in page for text in facts.values())


def test_the_charts_draw_what_the_evaluator_measured(done):
    (run,) = done.root.runs()
    source = re.search(r'id="charts">(.*?)</script>', run.page.read_text("utf-8"))
    rows = json.loads(source[1])["data"]["scores"]
    if len(done.served["classes"]) != 2:
        assert rows == []
        return
    whole = {"": done.json["metrics"], **done.json["slices"]}
    assert {row["slice"] for row in rows} == set(whole)
    for name, metrics in whole.items():
        of_slice = [row for row in rows if row["slice"] == name]
        count = sum(row["negatives"] + row["positives"] for row in of_slice)
        assert count == metrics["example_count"]
        if metrics["auc"] is not None:
            auc = roc_auc_score(
                [label for _ in of_slice for label in (0, 1)],
                [row["score"] for row in of_slice for _ in (0, 1)],
                sample_weight=[row[k] for row in of_slice for k in ("negatives", "positives")],
            )
            assert auc == pytest.approx(metrics["auc"], abs=2e-3)


def test_training_leaves_a_history_and_insights(done):
    *_, run = done.root.runs()
    (trainer,) = (node for node in run.nodes if node.node_id == "Trainer")
    folder = Path(trainer.outputs["model_run"])

    header, *epochs = (folder / "history.csv").read_text().splitlines()
    assert {"epoch", "loss", "val_loss"} <= set(header.split(","))
    assert epochs
    insights = [json.loads(file.read_text()) for file in folder.glob("insights/*.json")]
    assert insights
    assert all(insight["title"] and (insight["bars"] or insight["images"]) for insight in insights)


@pytest.mark.parametrize("done", ["higgs"], indirect=True)
def test_slices_that_the_model_derives_are_measured_beside_a_baseline_too(done):
    assert done.root.run("--param", "trees=50").returncode in (0, 1)

    latest = done.root.runs()[0]
    assert latest.summary["baseline"]
    assert set(latest.summary["slices"]) == set(done.json["slices"])
