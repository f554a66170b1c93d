"""The pushed model, used with TensorFlow only."""

import json
import subprocess
import sys

import pytest
from sklearn.metrics import accuracy_score, roc_auc_score

SCRIPT = """
import json, sys
import tensorflow as tf

folder, test = sys.argv[1:]
served = tf.saved_model.load(folder).signatures
rows, labels = [], []
for line in open(test).read().splitlines()[1:]:
    if line:
        row, _, label = line.rpartition(", ")
        rows.append(row)
        labels.append(label.rstrip("."))
names = ["age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation",
         "relationship", "race", "gender", "capital_gain", "capital_loss", "hours_per_week",
         "native_country"]
examples = []
for row in rows:
    example = tf.train.Example()
    for name, value in zip(names, row.split(", "), strict=True):
        if value != "?":
            feature = example.features.feature[name]
            if value.isdigit():
                feature.int64_list.value.append(int(value))
            else:
                feature.bytes_list.value.append(value.encode())
    examples.append(example.SerializeToString())
of_rows = served["csv"](rows=tf.constant(rows))
of_examples = served["serving_default"](examples=tf.constant(examples))
print(json.dumps({
    "types": [of_rows["scores"].dtype.name, of_rows["classes"].dtype.name],
    "classes": [[name.decode() for name in row] for row in of_rows["classes"].numpy().tolist()],
    "labels": labels,
    "missing": sum("?" in row for row in rows),
    "scores": of_rows["scores"].numpy().tolist(),
    "equal": of_rows["scores"].numpy().tobytes() == of_examples["scores"].numpy().tobytes(),
    "imported": [m for m in ("tfx", "tensorflow_transform", "tfx_bsl", "components",
                             "trainer_modules") if m in sys.modules],
}))
"""


@pytest.fixture(scope="module")
def scored(_first):
    arguments = [_first.json["pushed_model"], str(_first.data / "adult.test")]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_needs_nothing_but_tensorflow(scored):
    assert scored["imported"] == []


def test_rows_and_examples_score_the_same_to_the_bit(scored):
    assert scored["equal"]
    assert scored["missing"] > 0


def test_outputs_keep_to_the_contract(scored):
    assert scored["types"] == ["float32", "string"]
    assert scored["classes"] == [["<=50K", ">50K"]] * len(scored["labels"])
    assert all(abs(sum(scores) - 1) < 1e-6 for scores in scored["scores"])


def test_metrics_are_those_of_the_evaluator(scored, first):
    truth = [label == ">50K" for label in scored["labels"]]
    scores = [above for _, above in scored["scores"]]

    accuracy = accuracy_score(truth, [score > 0.5 for score in scores])

    assert accuracy == pytest.approx(first.json["metrics"]["accuracy"], abs=1e-4)
    # TFMA's AUC comes from 10,000 thresholds.
    assert roc_auc_score(truth, scores) == pytest.approx(first.json["metrics"]["auc"], abs=1e-3)
