"""The generated census sample."""

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from components.errors import UserError
from pipelines.datasets.samples import census

NUMBERS = {
    "age": (17, 90),
    "fnlwgt": (12_000, 1_480_000),
    "capital_gain": (0, 99_999),
    "capital_loss": (0, 4_360),
    "hours_per_week": (1, 99),
    "education_num": (1, 16),
}
DOMAINS = {
    "workclass": {*census.WORKCLASSES, census.MISSING},
    "education": {*census.EDUCATIONS},
    "marital_status": {*census.MARITAL_STATUSES},
    "occupation": {*census.OCCUPATIONS, census.MISSING},
    "relationship": {*census.RELATIONSHIPS},
    "race": {*census.RACES},
    "gender": {*census.GENDERS},
    "native_country": {*census.COUNTRIES, census.MISSING},
    "income_bracket": {*census.LABELS},
}

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return census.write(tmp_path_factory.mktemp("samples") / "census")


@pytest.fixture(scope="module")
def train(sample: Path) -> Rows:
    return rows((sample / "adult.data").read_text())


@pytest.fixture(scope="module")
def test(sample: Path) -> Rows:
    text = (sample / "adult.test").read_text()
    return rows(text.split("\n", 1)[1].replace("K.\n", "K\n"))


def rows(text: str) -> Rows:
    return [
        dict(zip(census.COLUMNS, line.split(", "), strict=True)) for line in text.splitlines()[:-1]
    ]


def test_format(sample: Path) -> None:
    assert sorted(path.name for path in sample.iterdir()) == ["adult.data", "adult.test"]
    train = (sample / "adult.data").read_bytes()
    test = (sample / "adult.test").read_bytes()
    assert train.count(b"\n") == 6_000 + 1
    assert test.count(b"\n") == 3_000 + 2
    assert test.startswith(b"|1x3 Cross validator\n")
    assert train.endswith(b"50K\n\n")
    assert test.endswith(b"50K.\n\n")
    assert b"\r" not in train


def test_the_seed_decides_every_byte(sample: Path, tmp_path: Path) -> None:
    again = census.write(tmp_path / "again")
    other = census.write(tmp_path / "other", seed=1)
    for name in ("adult.data", "adult.test"):
        assert (again / name).read_bytes() == (sample / name).read_bytes()
        assert (other / name).read_bytes() != (sample / name).read_bytes()


def test_domains(train: Rows, test: Rows) -> None:
    for column, domain in DOMAINS.items():
        assert {row[column] for row in train} == domain
        assert {row[column] for row in test} <= domain
    for column, (low, high) in NUMBERS.items():
        assert all(low <= int(row[column]) <= high for row in train + test)


def test_columns_agree(train: Rows) -> None:
    for row in train:
        assert census.EDUCATIONS[int(row["education_num"]) - 1] == row["education"]
        if row["relationship"] in ("Husband", "Wife"):
            assert row["marital_status"] in ("Married-civ-spouse", "Married-AF-spouse")
            assert (row["relationship"] == "Husband") == (row["gender"] == "Male")
        if row["workclass"] in (census.MISSING, "Never-worked"):
            assert row["occupation"] == census.MISSING
        else:
            assert row["occupation"] != census.MISSING
        assert row["capital_gain"] == "0" or row["capital_loss"] == "0"


def test_shares(train: Rows) -> None:
    def share(column: str, value: str) -> float:
        return sum(row[column] == value for row in train) / len(train)

    # The values of the real data set, within the sampling error of 6,000 rows.
    assert share("workclass", census.MISSING) == pytest.approx(0.056, abs=0.012)
    assert share("native_country", census.MISSING) == pytest.approx(0.018, abs=0.006)
    assert share("income_bracket", ">50K") == pytest.approx(0.241, abs=0.02)
    assert share("gender", "Male") == pytest.approx(0.669, abs=0.02)
    assert share("capital_gain", "0") == pytest.approx(0.917, abs=0.012)
    assert share("hours_per_week", "40") == pytest.approx(0.467, abs=0.05)


def test_rows_differ(train: Rows, test: Rows) -> None:
    counts = Counter(tuple(row.values()) for row in train + test)
    assert max(counts.values()) == 1


def features(rows: Rows) -> NDArray[np.float64]:
    """Returns one-hot categories and plain numbers, the inputs of the tutorial's linear model."""
    values = [(column, value) for column, domain in DOMAINS.items() for value in sorted(domain)]
    values = [(column, value) for column, value in values if column != "income_bracket"]
    numbers = [column for column in NUMBERS if column != "fnlwgt"]
    return np.array(
        [
            [float(row[column] == value) for column, value in values]
            + [np.log1p(float(row[column])) for column in numbers]
            for row in rows
        ]
    )


def test_the_label_can_be_learnt(train: Rows, test: Rows) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    truth = [row["income_bracket"] == ">50K" for row in test]
    model = LogisticRegression(solver="newton-cholesky").fit(
        features(train), [row["income_bracket"] == ">50K" for row in train]
    )
    scores = model.predict_proba(features(test))[:, 1]
    accuracy = np.mean((scores > 0.5) == truth)

    majority = 1 - np.mean(truth)
    assert accuracy > majority + 0.06
    assert roc_auc_score(truth, scores) > 0.87


def test_large_samples_are_made_in_chunks(tmp_path: Path) -> None:
    folder = census.write(tmp_path / "large", train_rows=60_001, test_rows=1)
    lines = (folder / "adult.data").read_text().splitlines()[:-1]
    assert len(lines) == 60_001
    assert len(set(lines)) > 60_000


def test_what_is_there_stays(sample: Path, tmp_path: Path) -> None:
    census.write(sample)  # the same again

    other = tmp_path / "census"
    other.mkdir()
    (other / "adult.data").write_text("mine")
    with pytest.raises(UserError, match=r"Cannot write.*not empty"):
        census.write(other)
    assert (other / "adult.data").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["census"]


def test_an_interrupted_generation_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(census, "_chunks", interrupt)
    with pytest.raises(KeyboardInterrupt):
        census.write(tmp_path / "census")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where the folder should be")
    with pytest.raises(UserError, match="Cannot write"):
        census.write(tmp_path / "file" / "census")


@pytest.mark.real_data
def test_no_row_is_copied(sample: Path) -> None:
    here = Path(__file__).parents[3]
    roots = [Path(os.environ.get("TUTORIALS_DATA_ROOT", here / "data")), here / "../shared/data"]
    real = next((root / "census" for root in roots if (root / "census/adult.data").exists()), None)
    if real is None:
        pytest.skip("needs the real data: tutorials data census")
    for made in ("adult.data", "adult.test"):
        generated = {line.rstrip(".") for line in (sample / made).read_text().splitlines() if line}
        for name in ("adult.data", "adult.test"):
            official = {line.rstrip(".") for line in (real / name).read_text().splitlines()}
            assert not (generated & official) - {"|1x3 Cross validator"}
