"""What only the official data can show. Skipped where it was not downloaded."""

import os
from pathlib import Path

import pytest

from tests.e2e.harness import Root

HERE = Path(__file__).parents[2]
ROOTS = [Path(os.environ.get("TUTORIALS_DATA_ROOT", HERE / "data")), HERE / "../shared/data"]


@pytest.fixture
def census() -> Path:
    for root in ROOTS:
        if (root / "census" / "adult.test").exists():
            return root / "census"
    pytest.skip("there is no census data: tutorials download census")


@pytest.mark.real_data
def test_the_wide_model_reaches_the_originals_accuracy(census, tmp_path):
    root = Root(tmp_path / "runs")

    done = root.run("--param", "model_type=wide", data=census)

    assert done.returncode == 0, done.stderr
    summary = root.runs()[0].summary
    # The original prints two digits.
    assert round(summary["metrics"]["accuracy"], 2) >= 0.84
    assert summary["reference_metrics"] == {"accuracy": 0.8543, "precision": 0.738}
