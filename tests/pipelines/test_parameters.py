"""Hyper-parameters from the command line."""

import pytest

from components.errors import UsageError
from pipelines.parameters import parse
from trainer_modules.census.parameters import CensusParameters
from trainer_modules.imdb.parameters import ImdbParameters


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


def test_the_last_of_two_values_counts():
    assert parse(CensusParameters, ["epochs=3", "epochs=4"]).epochs == 4


@pytest.mark.parametrize(
    ("assignment", "what"),
    [
        ("epochs", "--param epochs: write KEY=VALUE"),
        (
            "epoch=3",
            "no hyper-parameter 'epoch'. Did you mean 'epochs'? Known: model_type=wide_deep",
        ),
        ("=3", "no hyper-parameter ''"),
        ("colour=red", "no hyper-parameter 'colour'. Known: model_type"),
        ("epochs=many", "--param epochs=many: Input should be a valid integer"),
        ("epochs=2.5", "--param epochs=2.5: Input should be a valid integer"),
        ("epochs=0", "--param epochs=0: Input should be greater than or equal to 1"),
        ("dropout=1", "--param dropout=1: Input should be less than 1"),
        ("learning_rate=nan", "--param learning_rate=nan: "),
        ("l1=inf", "--param l1=inf: "),
        ("model_type=tall", "--param model_type=tall: Input should be 'wide', 'deep' or"),
        ("hidden_units=64,x", "--param hidden_units=64,x: Input should be a valid integer"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(assignment, what):
    with pytest.raises(UsageError) as raised:
        parse(CensusParameters, [assignment])

    assert what in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.exit_code == 2


def test_values_that_do_not_go_together_are_wrong_use():
    with pytest.raises(UsageError, match=r"--param: .*embedding_path belong together"):
        parse(ImdbParameters, ["model_type=saved_embedding"])
