import pytest

from components.errors import UsageError
from pipelines.parameters import parse
from trainer_modules.higgs.parameters import HiggsParameters


def test_the_tutorials_preset_is_the_originals():
    parameters = parse(HiggsParameters, ["preset=tutorial"])
    assert (parameters.trees, parameters.depth, parameters.learning_rate) == (100, 6, 0.1)
    assert (parameters.row_fraction, parameters.feature_fraction) == (1, 1)
    assert (parameters.l2, parameters.min_child_weight) == (0, 0)
    assert (parameters.patience, parameters.refit) == (0, False)


def test_what_is_given_goes_before_the_preset():
    parameters = parse(HiggsParameters, ["trees=7", "preset=tutorial", "patience=3"])
    assert (parameters.trees, parameters.patience, parameters.depth) == (7, 3, 6)


def test_parameters_survive_the_way_to_the_trainer():
    parameters = parse(HiggsParameters, ["preset=tutorial", "trees=7", "monotone=m_bb:+1"])
    assert HiggsParameters(**parameters.model_dump(mode="json")) == parameters


def test_constraints_are_read_from_text():
    parameters = parse(HiggsParameters, ["monotone=m_bb:+1, m_jj:-1,lepton_pt:1"])
    assert parameters.monotone == {"m_bb": 1, "m_jj": -1, "lepton_pt": 1}
    assert parse(HiggsParameters, ["monotone="]).monotone == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("preset=best", "'tuned' or 'tutorial'"),
        ("monotone=m_xx:+1", "there is no feature 'm_xx'"),
        ("monotone=m_bb:+2", r"'m_bb' may be \+1 or -1, not 2"),
        ("monotone=m_bb", "integer"),
        ("monotone=m_bb:up", "integer"),
        ("trees=0", "greater than or equal to 1"),
        ("row_fraction=0", "greater than 0"),
        ("learning_rate=nan", "finite"),
    ],
)
def test_wrong_values_are_refused(given, said):
    with pytest.raises(UsageError, match=said):
        parse(HiggsParameters, [given])
