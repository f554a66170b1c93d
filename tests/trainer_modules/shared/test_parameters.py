"""The properties of all hyper-parameters."""

import re

import pytest
from pydantic import ValidationError

from trainer_modules.census.parameters import CensusParameters
from trainer_modules.higgs.parameters import HiggsParameters
from trainer_modules.imdb.parameters import ImdbParameters
from trainer_modules.mnist.parameters import MnistParameters
from trainer_modules.shared.parameters import Parameters

KINDS = [CensusParameters, HiggsParameters, ImdbParameters, MnistParameters]


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (ImdbParameters, "hidden_units", "0"),
        (ImdbParameters, "hidden_units", "-21877"),
        (ImdbParameters, "hidden_units", "16,359299085676"),
        (CensusParameters, "hidden_units", ",".join(["16"] * 21)),
        (MnistParameters, "patience", "150538593951044370432"),
        (CensusParameters, "l1", "1e300"),
    ],
)
def test_values_beyond_all_use_are_refused(kind, name, value):
    with pytest.raises(ValidationError) as caught:
        kind(**{name: value})

    assert caught.value.errors()[0]["loc"][0] == name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("beyond", [10**30, -(10**30)])
def test_every_number_is_bounded(kind: type[Parameters], beyond):
    numbers = [
        name
        for name, field in kind.model_fields.items()
        if {"int", "float"} & {*re.findall(r"\w+", str(field.annotation))}
    ]
    assert len(numbers) > 5
    for name in numbers:
        with pytest.raises(ValidationError):
            kind.model_validate({name: (beyond,) if name == "hidden_units" else beyond})


@pytest.mark.parametrize("kind", KINDS)
def test_every_hyper_parameter_is_described(kind: type[Parameters]):
    assert all(field.description for field in kind.model_fields.values())


@pytest.mark.parametrize(
    ("kind", "preset", "name", "default", "other"),
    [
        (CensusParameters, {"model_type": "wide"}, "learning_rate", 0.002, 2.0),
        (HiggsParameters, {"preset": "tutorial"}, "depth", 7, 6),
        (ImdbParameters, {"model_type": "multi_hot"}, "hidden_units", (16,), (16, 16)),
        (MnistParameters, {"model_type": "mlp"}, "batch_size", 256, 32),
    ],
)
def test_a_preset_replaces_defaults_but_not_what_is_given(kind, preset, name, default, other):
    assert getattr(kind(), name) == default
    assert getattr(kind(**preset), name) == other
    assert getattr(kind(**preset, **{name: default}), name) == default


def test_what_preprocessing_reads_is_declared():
    assert HiggsParameters.in_preprocessing == ("preset",)
    assert all(name in kind.model_fields for kind in KINDS for name in kind.in_preprocessing)
