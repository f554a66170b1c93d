"""The registry, and what every declaration in it must satisfy."""

import importlib
import importlib.util
import json

import pytest

from components.errors import UsageError
from pipelines import registry
from pipelines.evaluation import eval_config
from schemas.reader import read_schema


@pytest.fixture(params=registry.names())
def spec(request):
    return registry.load(request.param)


def test_a_tutorial_is_known_by_its_own_name(spec):
    assert spec.name in registry.names()


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("censsus", "There is no tutorial 'censsus'. Did you mean 'census'? Choose one of c"),
        ("zzz", "There is no tutorial 'zzz'. Choose one of c"),
    ],
)
def test_an_unknown_name_is_refused(name, what):
    with pytest.raises(UsageError) as raised:
        registry.load(name)

    assert what in str(raised.value)


def test_a_declaration_names_what_exists(spec):
    schema = read_schema(spec.schema_file)
    features = {feature.name for feature in schema.feature}

    assert spec.label in features
    config = eval_config(spec)
    derived = {key for keys in spec.slices for key in keys} - features
    candidate = next(model for model in config.model_specs if model.name == "candidate")
    assert list(candidate.preprocessing_function_names) == (["slices"] if derived else [])
    assert set(spec.error_features) <= features
    assert set(spec.allowed_anomalies) <= features
    assert {threshold.metric for threshold in spec.thresholds} <= set(spec.metrics)
    assert set(spec.reference_metrics) <= set(spec.metrics)
    for group in (spec.task.metrics, spec.task.worst_rows, *spec.task.plots, *spec.extra_metrics):
        assert hasattr(importlib.import_module(group.module), group.class_name)
    for module in ("training", "preprocessing"):
        assert importlib.util.find_spec(f"{spec.trainer}.{module}")
    for section in spec.task.sections:
        assert importlib.util.find_spec(f"components.report.sections.{section}")
    for link in (spec.reference_url, spec.source.url):
        assert link.startswith(("https://", "http://"))
    json.dumps(dict(spec.source.options))


def test_the_label_is_not_needed_for_serving(spec):
    (label,) = (
        feature for feature in read_schema(spec.schema_file).feature if feature.name == spec.label
    )

    assert "SERVING" in label.not_in_environment


def test_thresholds_hold_for_the_whole_split_only(spec):
    config = eval_config(spec)

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
        higher = spec.metrics[threshold.metric].better == "higher"
        bound = "lower_bound" if higher else "upper_bound"
        value = limit.threshold.value_threshold
        assert value.HasField(bound)
        assert getattr(value, bound).value == threshold.limit
        change = limit.threshold.change_threshold
        assert change.absolute.value == (-1 if higher else 1) * threshold.max_drop
        assert change.direction == (2 if higher else 1)
