"""Made-up districts in the layout of California Housing (Pace and Barry, 1997).

Prices rise with income and age, fall with the distance to the coast and to two cities, and are
capped at 500,001 dollars, as in the data set. No row comes from it.
"""

from pathlib import Path

import numpy as np

from pipelines.datasets.whole_folder import whole_folder


def write(folder: Path, *, rows: int = 4_000, seed: int = 17) -> Path:
    """Writes `CaliforniaHousing/cal_housing.data`, the same bytes for the same seed, to `folder`.

    Raises:
        UserError: The file cannot be written, or `folder` has another content.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    normal = rng.random((4, 12, rows)).sum(axis=1) - 6
    center, north, inland, crowd, old = rng.random((5, rows))
    cities = np.array([34.05, 37.77])
    urban = cities[(center < 0.4).astype(int)] + 0.4 * normal[0]
    latitude = np.where(center < 0.8, urban, 32.7 + 8.8 * north).clip(32.6, 41.9)
    coast = 2.4 * inland**2  # degrees to the east
    longitude = -117.2 - 0.75 * (latitude - 32.7) + coast
    age = np.floor(1 + 60 * old).clip(max=52)
    income = (3.6 * np.exp(0.45 * normal[1])).clip(0.4999, 15.0001)
    households = np.floor(30 + 1_000 * crowd)
    rooms = np.floor(households * (4 + 0.4 * income) * np.exp(0.1 * normal[2]))
    away = np.abs(latitude[:, np.newaxis] - cities).min(axis=1)
    location = np.exp(-0.6 * coast) * (0.7 + 0.6 * np.exp(-2 * away))
    price = (60_000 * income + 1_000 * age) * location * np.exp(0.22 * normal[3])
    counts = [rooms, rooms // 5 + 1, 3 * households, households]
    columns = [longitude, latitude, age, *counts, income, np.floor(price).clip(14_999, 500_001)]
    with whole_folder(folder) as filling:
        (file := filling / "CaliforniaHousing" / "cal_housing.data").parent.mkdir()
        np.savetxt(file, np.transpose(columns), "%.6f", ",")
    return folder
