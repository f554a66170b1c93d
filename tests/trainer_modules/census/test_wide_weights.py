"""Charts of the weights in the wide part."""

from pathlib import Path

import numpy as np
import pytest

from schemas.reader import domain, read_schema
from trainer_modules.census import features as f
from trainer_modules.census.model import build_model
from trainer_modules.census.parameters import CensusParameters
from trainer_modules.census.wide_weights import heaviest, histogram

SCHEMA = read_schema(Path("schemas/census.pbtxt").resolve())


@pytest.fixture(scope="module")
def model():
    sizes = {name: len(domain(SCHEMA, name)) + 1 for name in f.CATEGORICAL}
    sizes[f.AGE_BUCKET] = len(f.AGE_BOUNDARIES) + 1
    model = build_model(CensusParameters(model_type="wide"), sizes, total_steps=1)

    def row(**ids) -> dict:
        names = [*sizes, *map(f.position, f.NUMERIC)]
        return {name: np.array([[ids.get(name, 0)]]) for name in names}

    # Learns one row's weights, and with them its combinations'.
    doctor = domain(SCHEMA, "education").index("Doctorate") + 1
    sales = domain(SCHEMA, "occupation").index("Sales") + 1
    rows = row(education=doctor, occupation=sales, age_bucket=3)
    model.fit(rows, np.array([[1]]), epochs=3, verbose=0)
    return model


def test_weights_are_named_by_value_and_combination(model):
    bars = dict(heaviest(model, SCHEMA).bars)

    assert bars["education=Doctorate and occupation=Sales"] > 0
    assert bars["age_bucket=30 to 34 and education=Doctorate and occupation=Sales"] > 0
    assert bars["education=Doctorate"] > 0
    assert "education=Masters" not in {name for name, weight in bars.items() if weight}


def test_the_histogram_counts_every_weight_that_is_not_zero(model):
    insight = histogram(model)

    # Six columns and two crosses of the one row.
    assert sum(count for _, count in insight.bars) == 8
    assert f"The other {model.count_params() - 8:,} are zero" in insight.about
