"""The catalog, and what every declaration in it must keep to."""

import importlib
import importlib.util
import json

import pytest

from components.errors import UsageError
from pipelines import registry
from pipelines.evaluation import METRICS, eval_config
from schemas.reader import domain, read_schema


@pytest.fixture(params=registry.names())
def tutorial(request):
    return registry.load(request.param)


def test_a_tutorial_is_known_by_its_own_name(tutorial):
    assert spec.name in registry.names()


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("censsus", "There is no tutorial 'censsus'. Did you mean 'census'? Known: census"),
        ("zzz", "There is no tutorial 'zzz'. Known: census"),
    ],
)
def test_an_unknown_name_is_refused(name, what):
    with pytest.raises(UsageError) as raised:
        registry.load(name)

    assert what in str(raised.value)


def test_a_declaration_names_what_exists(tutorial):
    schema = read_schema(spec.schema_file)
    features = {feature.name for feature in schema.feature}

    assert domain(schema, spec.label)
    config = eval_config(tutorial)
    derived = {key for keys in spec.slices for key in keys} - features
    candidate = next(model for model in config.model_specs if model.name == "candidate")
    assert list(candidate.preprocessing_function_names) == (["slices"] if derived else [])
    assert set(spec.error_features) <= features
    assert set(spec.allowed_anomalies) <= features
    groups = (METRICS[spec.task], *spec.extra_metrics)
    metrics = [name for group in groups for name in group.names]
    assert {threshold.metric for threshold in spec.thresholds} <= set(metrics)
    assert set(spec.reference_metrics) <= set(metrics)
    for group in groups:
        assert hasattr(importlib.import_module(group.module), group.class_name)
    assert importlib.util.find_spec(f"{spec.trainer}.training")
    json.dumps(dict(spec.source.options))


def test_the_label_is_not_needed_for_serving(tutorial):
    (label,) = (
        feature for feature in read_schema(spec.schema_file).feature if feature.name == spec.label
    )

    assert "SERVING" in label.not_in_environment


def test_thresholds_hold_for_the_whole_split_only(tutorial):
    config = eval_config(tutorial)

    limits = {
        json.loads(metric.config)["name"]: metric.per_slice_thresholds
        for spec in config.metrics_specs
        for metric in spec.metrics
        if metric.per_slice_thresholds
    }
    assert limits.keys() == {threshold.metric for threshold in spec.thresholds}
    for threshold in spec.thresholds:
        (limit,) = limits[threshold.metric]
        (slicing,) = limit.slicing_specs
        assert not slicing.feature_keys
        assert limit.threshold.value_threshold.lower_bound.value == threshold.minimum
        assert limit.threshold.change_threshold.absolute.value == -threshold.max_drop
