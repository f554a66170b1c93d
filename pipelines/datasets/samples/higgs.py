"""Generated collisions in the layout of UCI HIGGS (Baldi, Sadowski, Whiteson, 2014).

No row comes from the data set. The columns, the two processes with their masses, and the scale of
each column (a mean or a standard deviation of one) are the same. Each row is a toy collision:

    signal      X (425 GeV) → W H± (325), H± → W h (125), h → b b
    background  top pair, each top (172.5) → W b

One W (80.4) decays to a lepton and a neutrino, the other one to two quarks. All decays are
isotropic in the rest frame of the decaying particle and boosted into the laboratory frame, where
the whole system recoils against a jet of radiation. The detector measures the five jets with an
error, and loses jets that are too soft or too steep. It sees the neutrino only as missing momentum,
and marks jets as b jets with some mistakes. Collisions with a lepton, four jets, and one or two b
marks are kept, with the four hardest jets.

The seven masses are computed from the measurements, as in a real analysis. Wrong jets give them
tails. No single momentum separates signal from background, and a mass separates them by a peak. A
linear model finds little of that: its AUC is 0.64. Boosted trees reach 0.80 with 8,000 rows and
0.84 with 160,000 (on the real rows, the linear model reaches 0.68, and trees 0.80 with 8,787 rows).

Only uniform numbers are drawn, the same number for each chunk, and values have the precision of
float32, as in the data set. The same seed gives the same rows in all versions of NumPy, and the
first rows do not depend on the number of rows.

Writes any number of rows: `python -m pipelines.datasets.samples.higgs --rows 1000000 FOLDER`.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import typer
from numpy.typing import NDArray

from components.errors import UserError
from pipelines.datasets.whole_folder import whole_folder

Floats = NDArray[np.float64]

FILE = "HIGGS.csv.gz"
LABELS = ("0.000000000000000000e+00", "1.000000000000000000e+00")

_X, _CHARGED, _HIGGS, _TOP, _W = 425.0, 325.0, 125.0, 172.5, 80.4  # masses, GeV
_SIGNAL = 0.53  # share of all collisions, before the detector
_RESOLUTION = 0.18  # relative error of a jet's energy
_SOFT = 15.0  # error of each component of the missing momentum, GeV
_SOFTEST, _STEEPEST = (
    20.0,
    2.5,
)  # lowest transverse momentum, GeV, and largest |eta| that the detector sees
# Probability of a b mark, loose or tight, for the two b quarks and the three other jets.
_LOOSE = np.array([[0.75], [0.75], [0.1], [0.1], [0.1]])
_TIGHT = np.array([[0.6], [0.6], [0.03], [0.03], [0.03]])
# The divisors of the columns: means, and standard deviations of angles.
_SCALES = np.array(
    [
        *(58, 0.91, 1.81),  # lepton
        *(55, 1.81),  # missing energy
        *(109, 0.88, 1.81, 0.94),  # jets
        *(74, 0.95, 1.81, 0.70),
        *(52, 1.03, 1.81, 0.63),
        *(36, 1.11, 1.81, 0.49),
        *(109, 210, 87, 196, 147, 285, 501),  # masses
    ]
)[:, np.newaxis]
_CHUNK = 8192  # collisions per chunk, before the detector


def write(folder: Path, *, rows: int = 10_000, seed: int = 17) -> Path:
    """Writes `HIGGS.csv.gz` in the format of the official file, with fewer digits.

    Args:
        folder: The folder to create; see `whole_folder`.
        rows: The number of rows.
        seed: The random seed. The same seed gives the same bytes.

    Returns:
        `folder`.

    Raises:
        UserError: The file cannot be written, or `folder` has another content.
    """
    import pyarrow as pa  # takes too long for a declaration
    import pyarrow.csv

    types = [pa.string(), *[pa.float32()] * len(_SCALES)]
    schema = pa.schema([(str(number), kind) for number, kind in enumerate(types)])
    options = pa.csv.WriteOptions(include_header=False, quoting_style="none", batch_size=_CHUNK)
    # Without the time and the name of the temporary folder, so that the bytes are the same.
    with (
        whole_folder(folder) as filling,
        (filling / FILE).open("wb") as file,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as packed,
        pa.csv.CSVWriter(packed, schema, write_options=options) as writer,
    ):
        for signal, features in _chunks(rows, seed):
            labels = pa.array(LABELS).take(pa.array(signal.astype(np.int8)))
            columns = [labels, *map(pa.array, features)]
            writer.write_batch(pa.record_batch(columns, schema=schema))
    return folder


def _chunks(rows: int, seed: int) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.float32]]]:
    """Yields labels [n] and features [28, n], `rows` in total."""
    rng = np.random.Generator(np.random.PCG64(seed))
    while rows > 0:
        seen = _detected(_collisions(rng, _CHUNK), rng)
        features = (_features(seen) / _SCALES).astype(np.float32)[:, :rows]
        yield seen.signal[:rows], features
        rows -= features.shape[1]


class _Collisions(NamedTuple):
    """The products of collisions. Four-vectors are (energy, x, y, z), in GeV.

    Attributes:
        signal: Whether the collision is signal, [n].
        lepton: The lepton, [4, n].
        neutrino: The neutrino, [4, n].
        jets: The jets of the two b quarks, the two other quarks, and the radiation, [4, 5, n].
    """

    signal: NDArray[np.bool_]
    lepton: Floats
    neutrino: Floats
    jets: Floats


class _Detected(NamedTuple):
    """What the detector measures.

    Attributes:
        signal: Whether the collision is signal, [n].
        lepton: The lepton, [4, n].
        missing: The missing transverse momentum, [2, n].
        jets: The four hardest jets, the hardest first, [4, 4, n].
        marks: The b marks of the jets: 0, 1 (loose), or 2 (tight), [4, n].
    """

    signal: NDArray[np.bool_]
    lepton: Floats
    missing: Floats
    jets: Floats
    marks: NDArray[np.int64]


def _collisions(rng: np.random.Generator, n: int) -> _Collisions:
    signal = rng.random(n) < _SIGNAL
    # The mass of a top pair is not fixed: at least twice that of a top.
    mass = np.where(signal, _X, 2 * _TOP + 50 * _exponential(rng, (2, n)).sum(axis=0))
    hard, steep = 40 * _exponential(rng, (n,)), 6 * rng.random(n) - 3
    angle = 2 * np.pi * rng.random(n)
    radiation = hard * np.stack([np.cosh(steep), np.cos(angle), np.sin(angle), np.sinh(steep)])
    rapidity = 1.2 * (rng.random((3, n)).sum(axis=0) - 1.5)
    energy = np.hypot(mass, hard)
    whole = np.stack(
        [energy * np.cosh(rapidity), -radiation[1], -radiation[2], energy * np.sinh(rapidity)]
    )

    # X → W H± or two tops; H± → W h or top → W b; h → b b or the other top → W b.
    heavy = np.where(signal, _CHARGED, _TOP)
    first, second = _decay(whole, mass, np.where(signal, _W, _TOP), heavy, rng)
    w2, third = _decay(second, heavy, _W, np.where(signal, _HIGGS, 0.0), rng)
    parent, parent_mass = np.where(signal, third, first), np.where(signal, _HIGGS, _TOP)
    fourth, b1 = _decay(parent, parent_mass, np.where(signal, 0.0, _W), 0.0, rng)
    w1, b2 = np.where(signal, first, fourth), np.where(signal, fourth, third)

    swapped = rng.random(n) < 0.5
    lepton, neutrino = _decay(np.where(swapped, w1, w2), _W, 0.0, 0.0, rng)
    q1, q2 = _decay(np.where(swapped, w2, w1), _W, 0.0, 0.0, rng)
    return _Collisions(signal, lepton, neutrino, np.stack([b1, b2, q1, q2, radiation], axis=1))


def _decay(
    parent: Floats,
    mass: Floats | float,
    mass1: Floats | float,
    mass2: Floats | float,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Returns the four-vectors [4, n] of the two products of a decay."""
    n = parent.shape[1]
    mass, mass1, mass2 = (np.asarray(value) for value in (mass, mass1, mass2))
    momentum = np.sqrt((mass**2 - (mass1 + mass2) ** 2) * (mass**2 - (mass1 - mass2) ** 2)) / (
        2 * mass
    )
    cosine, angle = 2 * rng.random(n) - 1, 2 * np.pi * rng.random(n)
    across = np.sqrt(1 - cosine**2)
    k = momentum * np.stack([across * np.cos(angle), across * np.sin(angle), cosine])
    # From the parent's rest frame to the laboratory.
    energy = np.sqrt(momentum**2 + mass1**2)
    along = (parent[1:] * k).sum(axis=0)
    first = np.empty_like(parent)
    first[0] = (parent[0] * energy + along) / mass
    first[1:] = k + parent[1:] * ((along / (parent[0] + mass) + energy) / mass)
    return first, parent - first


def _detected(true: _Collisions, rng: np.random.Generator) -> _Detected:
    n = len(true.signal)
    noise = _normal(rng, (7, n))
    jets = true.jets * np.maximum(1 + _RESOLUTION * noise[:5], 0.2)
    lost = (true.jets - jets)[1:3].sum(axis=1)
    missing = true.neutrino[1:3] + lost + _SOFT * noise[5:]
    luck = rng.random((5, n))
    marks = (luck < _LOOSE).astype(np.int64) + (luck < _TIGHT)

    hardness = np.where(_is_seen(jets), _transverse(jets), 0)
    hardest = np.argsort(-hardness, axis=0, kind="stable")[:4]
    jets = np.take_along_axis(jets, hardest[np.newaxis], axis=1)
    marks = np.take_along_axis(marks, hardest, axis=0)
    marked = (marks > 0).sum(axis=0)
    fourth = np.take_along_axis(hardness, hardest[3:], axis=0)[0]
    kept = (fourth > 0) & (marked >= 1) & (marked <= 2) & _is_seen(true.lepton)
    return _Detected(
        true.signal[kept],
        true.lepton[:, kept],
        missing[:, kept],
        jets[:, :, kept],
        marks[:, kept],
    )


def _features(seen: _Detected) -> Floats:
    """Computes the columns after the label, [28, n], before they are scaled."""
    lepton, missing, jets, marks = seen.lepton, seen.missing, seen.jets, seen.marks
    neutrino = _neutrino(lepton, missing)
    # The two jets with the best marks are assumed to be the b jets.
    best = np.argsort(-marks, axis=0, kind="stable")
    b1, b2, q1, q2 = np.take_along_axis(jets, best[np.newaxis], axis=1).swapaxes(0, 1)
    lv, jj, bb = lepton + neutrino, q1 + q2, b1 + b2
    # Of the two ways to combine them into two tops, the one with the more similar masses.
    jjj = np.stack([_mass(jj + b1), _mass(jj + b2)])
    jlv = np.stack([_mass(lv + b2), _mass(lv + b1)])
    way = np.abs(jjj - jlv).argmin(axis=0)[np.newaxis]
    columns = [_transverse(lepton), _eta(lepton), _phi(lepton), np.hypot(*missing)]
    columns.append(np.arctan2(missing[1], missing[0]))
    for jet, mark in zip(jets.swapaxes(0, 1), marks, strict=True):
        columns += [_transverse(jet), _eta(jet), _phi(jet), mark]
    columns += [
        _mass(jj),
        np.take_along_axis(jjj, way, axis=0)[0],
        _mass(lv),
        np.take_along_axis(jlv, way, axis=0)[0],
        _mass(bb),
        np.minimum(_mass(lv + bb), _mass(jj + bb)),
        _mass(lv + jj + bb),
    ]
    return np.stack(columns)


def _neutrino(lepton: Floats, missing: Floats) -> Floats:
    """Reconstructs a neutrino from the missing momentum, given that it forms a W with the lepton.

    The mass of the W allows two momenta along the beam, and the smaller one is used. If the error
    of the missing momentum allows none, it is the real part of both.
    """
    across = (missing**2).sum(axis=0)
    mu = _W**2 / 2 + (lepton[1:3] * missing).sum(axis=0)
    lepton_across = (lepton[1:3] ** 2).sum(axis=0)
    root = lepton[0] * np.sqrt(np.maximum(mu**2 - lepton_across * across, 0))
    along = (mu * lepton[3] - np.copysign(root, mu * lepton[3])) / lepton_across
    return np.stack([np.sqrt(across + along**2), *missing, along])


def _mass(p: Floats) -> Floats:
    return np.sqrt(np.maximum(p[0] ** 2 - (p[1:] ** 2).sum(axis=0), 0))


def _transverse(p: Floats) -> Floats:
    return np.hypot(p[1], p[2])


def _eta(p: Floats) -> Floats:
    return np.arcsinh(p[3] / _transverse(p))


def _phi(p: Floats) -> Floats:
    return np.arctan2(p[2], p[1])


def _is_seen(p: Floats) -> NDArray[np.bool_]:
    across = _transverse(p)
    return (across > _SOFTEST) & (np.abs(p[3]) < np.sinh(_STEEPEST) * across)


def _exponential(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return -np.log1p(-rng.random(shape))


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Draws normal numbers by the Box-Muller method."""
    return np.sqrt(2 * _exponential(rng, shape)) * np.cos(2 * np.pi * rng.random(shape))


def main(
    folder: Annotated[Path, typer.Argument(help="The folder to create.")],
    rows: Annotated[int, typer.Option(min=1, help="The number of rows.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The random seed.")] = 17,
) -> None:
    """Writes generated collisions in the format of UCI HIGGS to FOLDER/HIGGS.csv.gz.

    Example: python -m pipelines.datasets.samples.higgs --rows 1000000 data/higgs-toy
    """
    try:
        write(folder, rows=rows, seed=seed)
    except UserError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(error.exit_code) from None
    typer.echo(f"{folder} is complete. Run the pipeline: tutorials run higgs --data {folder}")


if __name__ == "__main__":
    typer.run(main)
