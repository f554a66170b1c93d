"""What is measured: a tutorial, its data, and what each side needs in addition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.datasets.samples import higgs
from trainer_modules.higgs.parameters import HiggsParameters

OURS, AGAIN, STOCK, BARE = "ours", "ours again", "stock", "bare"
"""The sides that every case has. The second shows how much two equal runs differ."""

_OURS = "preprocessing.preprocessing_fn"
_STOCK_CENSUS = "benchmarks.stock_preprocessing.census"


@dataclass(frozen=True)
class Case:
    """One comparison.

    Attributes:
        tutorial: The tutorial's name.
        preprocessing: Stock side -> the import path of its preprocessing_fn.
        generated: The number of rows to generate; 0 for the data root's copy, else the sample.
        param: The hyper-parameters of all sides.
    """

    tutorial: str
    preprocessing: Mapping[str, str]
    generated: int = 0
    param: tuple[str, ...] = ()

    def data(self, folder: Path) -> str | None:
        """Returns the value of `--data`, and generates the rows unless they exist."""
        if not self.generated:
            return None
        return str(higgs.write(folder / f"higgs-{self.generated}", rows=self.generated))


_ORIGINAL_TREES = tuple(
    f"{name}={value}" for name, value in HiggsParameters.presets["tutorial"].items()
)
"""The original's trees on features that are not split at percentiles, which would cost each side
the same seconds. With early stopping, each side would spend its time on growing trees."""


def _higgs(rows: int) -> Case:
    return Case("higgs", {STOCK: f"trainer_modules.higgs.{_OURS}"}, rows, _ORIGINAL_TREES)


CASES = {
    "census": Case(
        "census",
        {STOCK: _STOCK_CENSUS, "stock, our preprocessing": f"trainer_modules.census.{_OURS}"},
    ),
    "higgs-50k": _higgs(50_000),
    "higgs-200k": _higgs(200_000),
    "higgs-1m": _higgs(1_000_000),
    "imdb": Case("imdb", {STOCK: f"trainer_modules.imdb.{_OURS}"}),
    # Two epochs: the others are the same on all sides and take minutes.
    "mnist": Case("mnist", {STOCK: f"trainer_modules.mnist.{_OURS}"}, param=("epochs=2",)),
}
