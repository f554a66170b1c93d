"""The generated sample of districts."""

import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from components.errors import UserError
from pipelines.datasets.samples import california_housing
from schemas.reader import read_schema

FILE = "CaliforniaHousing/cal_housing.data"
SCHEMA = read_schema(Path(str(files("schemas") / "california_housing.pbtxt")))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return california_housing.write(tmp_path_factory.mktemp("samples") / "california_housing")


@pytest.fixture(scope="module")
def columns(sample: Path) -> dict[str, np.ndarray]:
    table = np.loadtxt(sample / FILE, delimiter=",", unpack=True)
    return {feature.name: values for feature, values in zip(SCHEMA.feature, table, strict=True)}


def test_the_seed_decides_every_byte(sample: Path, tmp_path: Path) -> None:
    again = california_housing.write(tmp_path / "again")
    other = california_housing.write(tmp_path / "other", seed=1)

    assert (again / FILE).read_bytes() == (sample / FILE).read_bytes()
    assert (other / FILE).read_bytes() != (sample / FILE).read_bytes()


def test_numbers_are_written_as_in_the_official_file(sample: Path) -> None:
    lines = (sample / FILE).read_text("ascii").splitlines()
    row = re.compile(r"(-?\d+\.\d{6},){8}\d+\.\d{6}")
    assert [line for line in lines if not row.fullmatch(line)] == []


def test_values_are_in_the_ranges_of_the_schema(columns: dict[str, np.ndarray]) -> None:
    columns = {**columns, "median_house_value": columns["median_house_value"] * 1e-5}
    for feature in SCHEMA.feature:
        values = columns[feature.name]
        assert feature.float_domain.min <= values.min(), feature.name
        assert values.max() <= feature.float_domain.max, feature.name


def test_prices_are_capped_as_in_the_census(columns: dict[str, np.ndarray]) -> None:
    prices = columns["median_house_value"]
    assert len(prices) == 4_000
    assert prices.max() == 500_001
    assert 0.01 < (prices == 500_001).mean() < 0.1


def test_prices_follow_income_more_than_anything_else(columns: dict[str, np.ndarray]) -> None:
    names = [name for name in columns if name != "median_house_value"]
    correlations = np.corrcoef(list(columns.values()))[-1, :-1]
    assert names[np.abs(correlations).argmax()] == "median_income"
    assert 0.5 < correlations.max() < 0.8


def test_a_second_writer_accepts_the_same_file_only(tmp_path: Path) -> None:
    folder = california_housing.write(tmp_path / "sample", rows=20)
    assert california_housing.write(folder, rows=20) == folder

    with pytest.raises(UserError, match=r"(?i)cannot write"):
        california_housing.write(folder, rows=21)
    assert len((folder / FILE).read_text("ascii").splitlines()) == 20
