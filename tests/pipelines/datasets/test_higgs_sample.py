"""The generated collisions."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.csv
import pytest
import typer
from numpy.typing import NDArray
from typer.testing import CliRunner

from components.errors import UserError
from pipelines.datasets.samples import higgs
from trainer_modules.higgs.features import B_TAGS, FEATURES


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return higgs.write(tmp_path_factory.mktemp("samples") / "higgs")


@pytest.fixture(scope="module")
def table(sample: Path) -> NDArray[np.float64]:
    return read(sample)


def read(folder: Path) -> NDArray[np.float64]:
    names = [str(number) for number in range(29)]
    options = pyarrow.csv.ReadOptions(column_names=names)
    columns = pyarrow.csv.read_csv(folder / higgs.FILE, options).to_pydict()
    return np.array([columns[name] for name in names], np.float64).T


def lines(folder: Path) -> list[str]:
    return gzip.decompress((folder / higgs.FILE).read_bytes()).decode().splitlines()


def column(table: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    return table[:, 1 + FEATURES.index(name)]


def momentum(table: NDArray[np.float64], name: str, scales: tuple[float, float, float]) -> NDArray:
    """Massless four-vectors [4, n] from transverse momentum, eta and phi."""
    pt, eta, phi = (
        column(table, f"{name}_{what}") * scale
        for what, scale in zip(("pt", "eta", "phi"), scales, strict=True)
    )
    return pt * np.stack([np.cosh(eta), np.cos(phi), np.sin(phi), np.sinh(eta)])


def mass(p: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sqrt(p[0] ** 2 - (p[1:] ** 2).sum(axis=0))


def test_the_layout_is_the_official_one(sample, table):
    assert [file.name for file in sample.iterdir()] == ["HIGGS.csv.gz"]
    first = lines(sample)[0].split(",")
    assert len(first) == 29
    assert first[0] in {"0.000000000000000000e+00", "1.000000000000000000e+00"}
    assert table.shape == (10_000, 29)
    assert np.isfinite(table).all()
    assert set(table[:, 0]) == {0, 1}
    assert len(np.unique(table, axis=0)) == len(table)


def test_columns_have_the_scales_of_the_official_file(table):
    angles = [name.endswith(("_eta", "_phi")) for name in FEATURES]
    features = table[:, 1:]

    assert features[:, angles].std(axis=0) == pytest.approx(1, abs=0.05)
    assert features[:, angles].mean(axis=0) == pytest.approx(0, abs=0.05)
    assert features[:, ~np.array(angles)].mean(axis=0) == pytest.approx(1, abs=0.05)
    assert 0.4 < table[:, 0].mean() < 0.6
    tags = np.stack([column(table, name) for name in B_TAGS])
    assert set((tags > 0).sum(axis=0)) == {1, 2}
    assert all(len(np.unique(tag)) == 3 for tag in tags)


def test_jets_are_in_order_of_their_momentum(table):
    jets = np.stack([column(table, f"jet_{n}_pt") * s for n, s in enumerate((109, 74, 52, 36), 1)])

    assert (np.diff(jets, axis=0) < 1e-3).all()
    assert (jets > 20 - 1e-3).all()


def test_masses_are_those_of_the_four_vectors(table):
    scales = ((109, 0.88, 1.81), (74, 0.95, 1.81), (52, 1.03, 1.81), (36, 1.11, 1.81))
    jets = np.stack([momentum(table, f"jet_{n}", s) for n, s in enumerate(scales, 1)], axis=1)
    tags = np.stack([column(table, name) > 0 for name in B_TAGS])
    two = tags.sum(axis=0) == 2
    jets, tags = jets[..., two], tags[:, two]

    bb, jj = (jets * tags).sum(axis=1), (jets * ~tags).sum(axis=1)

    # As in an analysis: two tagged jets are from b quarks, and the others are from a W boson.
    assert two.mean() > 0.5
    np.testing.assert_allclose(column(table, "m_bb")[two] * 147, mass(bb), rtol=1e-3)
    np.testing.assert_allclose(column(table, "m_jj")[two] * 109, mass(jj), rtol=1e-3)


def test_the_signal_has_a_peak_at_the_higgs_mass(table):
    m_bb = column(table, "m_bb") * 147
    near = (m_bb > 105) & (m_bb < 140)
    signal = table[:, 0] == 1

    assert near[signal].mean() > 1.8 * near[~signal].mean()


def test_trees_see_much_more_than_a_linear_model(table):
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from threadpoolctl import threadpool_limits

    (train, test), (y, truth) = np.split(table[:, 1:], [8_000]), np.split(table[:, 0], [8_000])
    linear = LogisticRegression(solver="newton-cholesky").fit(train, y)
    with threadpool_limits(1):  # several threads would wait for each other on a busy machine
        trees = HistGradientBoostingClassifier(random_state=0, max_iter=60).fit(train, y)

    linear_auc = roc_auc_score(truth, linear.decision_function(test))
    trees_auc = roc_auc_score(truth, trees.predict_proba(test)[:, 1])
    assert 0.6 < linear_auc < 0.7
    assert trees_auc > linear_auc + 0.1


def test_the_seed_decides_every_byte(sample, tmp_path):
    again, other = higgs.write(tmp_path / "again"), higgs.write(tmp_path / "other", seed=1)

    assert (again / higgs.FILE).read_bytes() == (sample / higgs.FILE).read_bytes()
    assert not set(lines(other)) & set(lines(sample))


@pytest.mark.parametrize("rows", [1, 4_096, 30_000])
def test_the_first_rows_do_not_depend_on_how_many_follow(sample, tmp_path, rows):
    made = lines(higgs.write(tmp_path / "higgs", rows=rows))

    assert len(made) == rows
    common = min(rows, 10_000)
    assert made[:common] == lines(sample)[:common]


def test_neither_time_nor_place_is_in_the_file(sample):
    assert (sample / higgs.FILE).read_bytes()[:8] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"


def test_the_command_writes_any_number_of_rows(sample, tmp_path):
    module = [sys.executable, "-m", "pipelines.datasets.samples.higgs"]
    root = Path(higgs.__file__).parents[3]

    subprocess.run([*module, "--rows", "123", str(tmp_path / "higgs")], cwd=root, check=True)

    assert lines(tmp_path / "higgs") == lines(sample)[:123]


def test_a_failure_of_the_command_is_one_sentence(tmp_path):
    app = typer.Typer()
    app.command()(higgs.main)
    (tmp_path / "file").write_text("a file where the folder should be")

    result = CliRunner().invoke(app, ["--rows", "5", str(tmp_path / "file" / "higgs")])

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Cannot write ")
    assert result.stdout == ""


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "higgs").mkdir()
    (tmp_path / "higgs" / "precious").write_text("content")

    with pytest.raises(UserError, match="Cannot write"):
        higgs.write(tmp_path / "higgs", rows=10)
    assert (tmp_path / "higgs" / "precious").read_text() == "content"
    assert [path.name for path in tmp_path.iterdir()] == ["higgs"]


def test_an_interrupted_generation_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(higgs, "_chunks", interrupt)
    with pytest.raises(KeyboardInterrupt):
        higgs.write(tmp_path / "higgs")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.real_data
def test_no_row_is_copied(table):
    here = Path(__file__).parents[3]
    roots = [Path(os.environ.get("TUTORIALS_DATA_ROOT", here / "data")), here / "../shared/data"]
    real = next((root / "higgs" for root in roots if (root / "higgs" / higgs.FILE).exists()), None)
    if real is None:
        pytest.skip("needs the real data: tutorials data higgs")

    def rounded(rows: NDArray[np.float64]) -> set[tuple[float, ...]]:
        return set(map(tuple, rows.round(3)))

    assert not rounded(table) & rounded(read(real))
