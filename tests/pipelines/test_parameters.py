"""Hyper-parameters from the command line."""

from typing import Literal

import pytest
from pydantic import Field

from components.errors import UsageError
from pipelines.parameters import describe, parse
from trainer_modules.census.parameters import CensusParameters
from trainer_modules.higgs.parameters import HiggsParameters
from trainer_modules.imdb.parameters import ImdbParameters
from trainer_modules.shared.parameters import HiddenUnits, Parameters


def test_defaults_stand_where_nothing_is_given():
    assert parse(CensusParameters, []) == CensusParameters()


def test_values_get_the_types_of_their_parameters():
    parameters = parse(
        CensusParameters,
        ["epochs=3", "learning_rate=1e-3", "model_type=wide", "hidden_units=64, 32"],
    )

    assert parameters.epochs == 3
    assert parameters.learning_rate == 0.001
    assert parameters.model_type == "wide"
    assert parameters.hidden_units == (64, 32)


def test_unset_is_the_same_as_not_given():
    assert parse(HiggsParameters, ["trees=unset"]) == HiggsParameters()
    assert parse(HiggsParameters, ["preset=tutorial", "trees=unset"]).trees == 100
    assert parse(HiggsParameters, ["trees=5", "trees=unset"]).trees == HiggsParameters().trees


def test_the_last_of_two_values_counts():
    assert parse(CensusParameters, ["epochs=3", "epochs=4"]).epochs == 4


@pytest.mark.parametrize(
    ("assignment", "what"),
    [
        ("epochs", "--param epochs has no '='. Write KEY=VALUE"),
        (
            "epoch=3",
            "no hyper-parameter 'epoch'. Did you mean 'epochs'? Choose one of model_type, ",
        ),
        ("=3", "no hyper-parameter ''"),
        ("color=red", "no hyper-parameter 'color'. Choose one of model_type"),
        ("epochs=many", "--param epochs=many is invalid: Input should be a valid integer"),
        ("epochs=2.5", "--param epochs=2.5 is invalid: Input should be a valid integer"),
        ("epochs=0", "--param epochs=0 is invalid: Input should be greater than or equal to 1"),
        ("dropout=1", "--param dropout=1 is invalid: Input should be less than 1"),
        ("learning_rate=nan", "--param learning_rate=nan is invalid: "),
        ("l1=inf", "--param l1=inf is invalid: "),
        (
            "model_type=tall",
            "--param model_type=tall is invalid: Input should be 'wide'",
        ),
        (
            "hidden_units=64,x",
            "--param hidden_units=64,x is invalid: Input should be",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(assignment, what):
    with pytest.raises(UsageError) as raised:
        parse(CensusParameters, [assignment])

    assert what in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.exit_code == 2


def test_values_that_do_not_go_together_are_wrong_use():
    with pytest.raises(UsageError, match=r"--param do not match: give model_type=saved_embedding"):
        parse(ImdbParameters, ["model_type=saved_embedding"])


def test_the_message_of_a_validator_has_no_exception_name():
    with pytest.raises(UsageError, match=r"monotone=x:\+1 is invalid: there is no feature 'x'\."):
        parse(HiggsParameters, ["monotone=x:+1"])


class Example(Parameters):
    kind: Literal["trees", "network"] = Field("trees", description="which model")
    units: HiddenUnits = Field((64, 32), description="widths of the layers")
    rate: float | None = Field(None, gt=0, le=1, description="learning rate")
    monotone: dict[str, int] = Field({"a": 1, "b": -1}, description="directions")
    refit: bool = Field(True, description="train again")
    rounds: int = Field(10, ge=1, description="rounds")


def test_every_hyper_parameter_is_described():
    assert describe(Example) == [
        ("kind", "string", "trees", "trees, network", "which model"),
        ("units", "list", "64,32", "≥ 1, ≤ 16384", "widths of the layers"),
        ("rate", "number", "unset", "> 0, ≤ 1", "learning rate"),
        ("monotone", "mapping", "a:+1,b:-1", "", "directions"),
        ("refit", "boolean", "true", "", "train again"),
        ("rounds", "integer", "10", "≥ 1", "rounds"),
    ]


def test_the_default_is_what_the_command_line_takes():
    defaults = {row.name: row.default for row in describe(CensusParameters)}
    given = [f"{name}={value}" for name, value in defaults.items() if value != "unset"]

    assert parse(CensusParameters, given) == CensusParameters()


def test_a_long_value_is_shortened():
    with pytest.raises(UsageError) as raised:
        parse(CensusParameters, ["epochs=" + "x" * 100_000])

    assert len(str(raised.value)) < 600
