"""Reading TFMA's own output for a model and a baseline."""

import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import roc_auc_score

from components.report.summary import BASELINE, CANDIDATE, read_evaluation
from pipelines.evaluation import eval_config
from pipelines.registry import load
from schemas.reader import domain, read_schema
from tests.components.report.evaluation import evaluate
from trainer_modules.higgs import features as f
from trainer_modules.higgs.training import slices
from trainer_modules.shared.export import RawFeatures, classification, export_model
from trainer_modules.shared.preprocessing import dense

ROWS = 300
HIGGS = load("higgs")


def _export(folder, slope):
    def scores(given):
        positive = tf.sigmoid(slope * (dense(given[f.M_BB], 0.0) - 1.0))
        return tf.concat([1 - positive, positive], axis=1)

    schema = read_schema(HIGGS.schema_file)
    export_model(
        str(folder),
        classification(scores, domain(schema, f.LABEL)),
        RawFeatures(schema, transform=dict, inputs=[f.M_BB]),
        label=f.LABEL,
        track=[],
        slices=slices,
    )


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    labels = random.random(ROWS) < 0.5
    features = random.uniform(0.1, 2, (ROWS, len(f.FEATURES))).astype(np.float32)
    features[:, f.FEATURES.index(f.M_BB)] += 0.5 * labels
    return features, labels


@pytest.fixture(scope="module")
def evaluation(rows, tmp_path_factory):
    names = domain(read_schema(HIGGS.schema_file), f.LABEL)
    examples = []
    for values, label in zip(*rows, strict=True):
        example = tf.train.Example()
        for name, value in zip(f.FEATURES, values, strict=True):
            example.features.feature[name].float_list.value.append(value)
        example.features.feature[f.LABEL].bytes_list.value.append(names[int(label)].encode())
        examples.append(example)
    slopes = {"candidate": 3.0, "baseline": -1.0}
    output = evaluate(
        tmp_path_factory.mktemp("evaluation"),
        eval_config(HIGGS),
        examples,
        lambda folder, name: _export(folder, slopes[name]),
    )
    return read_evaluation(output)


def test_slices_by_derived_features_are_there_beside_a_baseline(evaluation):
    found, (scores, _) = evaluation

    by_feature: dict[str, float] = {}
    for name, metrics in found["slices"].items():
        feature = name.partition("=")[0]
        by_feature[feature] = by_feature.get(feature, 0) + metrics["example_count"]
    assert by_feature == dict.fromkeys((f.M_BB_QUARTILE, f.B_TAGGED_JETS), ROWS)
    assert {row["slice"] for row in scores} == {"", *found["slices"]}


def test_both_models_have_their_own_metrics_and_scores(rows, evaluation):
    features, labels = rows
    auc = roc_auc_score(labels, features[:, f.FEATURES.index(f.M_BB)])
    found, (scores, _) = evaluation

    assert found["metrics"]["auc"] == pytest.approx(auc, abs=1e-3)
    assert found["baseline"]["auc"] == pytest.approx(1 - auc, abs=1e-3)
    for model in (CANDIDATE, BASELINE):
        whole = [row for row in scores if row["model"] == model and row["slice"] == ""]
        assert sum(row["positives"] for row in whole) == labels.sum()
        assert sum(row["negatives"] for row in whole) == (~labels).sum()
