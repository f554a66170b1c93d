"""A regression, from TFMA's own output to the intervals of the report."""

import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf
from sklearn import metrics as sk

from components.report.summary import read_evaluation
from pipelines.evaluation import eval_config
from pipelines.registry import load
from pipelines.spec import Threshold
from pipelines.tasks import REGRESSION
from tests.components.report.evaluation import evaluate

# Any declaration of a table of numbers works.
SPEC = dataclasses.replace(
    load("higgs"),
    task=REGRESSION,
    label="m_bb",
    extra_metrics=(),
    slices=(("jet_1_b_tag",),),
    error_features=("m_jj",),
    thresholds=(
        Threshold("rmse", limit=0.1, max_drop=0.01),
        Threshold("mae", limit=9.0, max_drop=9.0),
        Threshold("r2", limit=0.999, max_drop=9.0),
    ),
)
ROWS = 400
OFFSETS = {"candidate": 0.1, "baseline": 0.0}


def _export(folder, name):
    spec = {"m_jj": tf.io.FixedLenFeature([1], tf.float32)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "examples")])
    def serve(examples):
        features = tf.io.parse_example(examples, spec)
        return {"predictions": features["m_jj"][:, 0] + OFFSETS[name]}

    module = tf.Module()
    tf.saved_model.save(module, str(folder), signatures={"serving_default": serve})


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    feature = random.uniform(1, 5, ROWS).astype(np.float32)
    label = (feature + random.normal(0, 0.3, ROWS)).astype(np.float32)
    return feature, label, random.integers(0, 2, ROWS)


@pytest.fixture(scope="module")
def output(rows, tmp_path_factory):
    examples = []
    for feature, label, side in zip(*rows, strict=True):
        example = tf.train.Example()
        for name, value in (("m_jj", feature), ("m_bb", label), ("jet_1_b_tag", side)):
            example.features.feature[name].float_list.value.append(value)
        examples.append(example)
    config = eval_config(SPEC)
    for name, (class_name, options) in REGRESSION.stock_metrics.items():
        config.metrics_specs[0].metrics.add(
            class_name=class_name, config=json.dumps({"name": f"stock_{name}", **options})
        )
    folder = tmp_path_factory.mktemp("evaluation")
    return read_evaluation(evaluate(folder, config, examples, _export))


def test_metrics_are_those_of_both_models(rows, output):
    feature, label, _ = rows
    evaluation, _ = output

    for found, offset in ((evaluation["metrics"], 0.1), (evaluation["baseline"], 0.0)):
        assert found["rmse"] == pytest.approx(
            sk.root_mean_squared_error(label, feature + offset), rel=1e-5
        )
        assert found["r2"] == pytest.approx(sk.r2_score(label, feature + offset), rel=1e-5)
        assert found["mean_bias"] == pytest.approx((feature + offset - label).mean(), abs=1e-5)
        assert found["example_count"] == ROWS


def test_stock_metrics_measure_the_same(output):
    found = output[0]["metrics"]

    for name in REGRESSION.stock_metrics:
        scale = 100 if name == "mape" else 1  # TFMA's is in percent
        assert found[f"stock_{name}"] == pytest.approx(scale * found[name], rel=1e-4), name


def test_slices_have_metrics_and_samples_of_their_rows(rows, output):
    feature, label, side = rows
    evaluation, (scores, samples) = output

    assert scores == []
    assert set(samples) == {"", *evaluation["slices"]}
    assert len(samples) == 3
    for name, metrics in evaluation["slices"].items():
        chosen = side == float(name.partition("=")[2])
        expected = np.abs(feature[chosen] + 0.1 - label[chosen]).mean()
        assert metrics["mae"] == pytest.approx(expected, rel=1e-5)
        np.testing.assert_allclose(np.sort(samples[name][:, 0]), np.sort(label[chosen]), rtol=1e-6)


def test_the_largest_errors_come_with_their_features(rows, output):
    feature, label, _ = rows
    worst = np.abs(feature + 0.1 - label).argmax()

    error = output[0]["errors"][0]

    assert error["label"] == pytest.approx(label[worst])
    assert error["features"] == {"m_jj": pytest.approx(feature[worst])}


def test_missed_thresholds_are_worded_in_the_direction_of_the_metric(output):
    evaluation, _ = output
    rmse, r2 = evaluation["metrics"]["rmse"], evaluation["metrics"]["r2"]

    failures = evaluation["failures"]

    worse = rmse - evaluation["baseline"]["rmse"]
    assert f"rmse is {rmse:.4f}, {rmse - 0.1:.4f} above the maximum of 0.1000." in failures
    assert f"r2 is {r2:.4f}, {0.999 - r2:.4f} below the minimum of 0.9990." in failures
    assert (
        f"rmse is {worse:.4f} above that of the latest blessed model; 0.0100 is allowed."
        in failures
    )
    assert len(failures) == 3


def test_the_evaluation_is_valid_json(output):
    json.dumps(output[0], allow_nan=False)
