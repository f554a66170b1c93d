"""Hyper-parameters and their defaults. Does not need TensorFlow."""

import pytest
from pydantic import ValidationError

from trainer_modules.mnist.parameters import MnistParameters


def test_the_tutorials_networks_are_trained_as_the_tutorials_did():
    tutorial, mlp = MnistParameters(model_type="tutorial"), MnistParameters(model_type="mlp")

    assert (tutorial.learning_rate, tutorial.batch_size, tutorial.dropout) == (0.001, 100, 0.4)
    assert tutorial.epochs * 54_000 // tutorial.batch_size == pytest.approx(20_000, rel=0.01)
    assert (mlp.epochs, mlp.learning_rate, mlp.dropout) == (5, 0.001, 0.2)
    assert tutorial.shift == mlp.shift == 0


def test_what_is_given_goes_before_the_tutorials_values():
    parameters = MnistParameters(model_type="tutorial", epochs="2", shift=1)

    assert (parameters.epochs, parameters.shift, parameters.batch_size) == (2, 1, 100)


@pytest.mark.parametrize("model_type", ["cnn", "tutorial", "mlp"])
def test_written_out_and_read_again_they_are_the_same(model_type):
    parameters = MnistParameters(model_type=model_type, batch_size=7)

    assert MnistParameters(**parameters.model_dump(mode="json")) == parameters


@pytest.mark.parametrize(
    "wrong", [{"model_type": "transformer"}, {"epochs": 0}, {"dropout": 1}, {"shift": 15}]
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        MnistParameters(**wrong)
