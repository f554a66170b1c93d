"""Statistics of small splits, made by TFDV."""

from functools import cache
from typing import Any

HOSTILE = (
    "</script><script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "\u202eright to left\u2028",
    "nul\0inside",
    "long" * 250,
)
"""Values that data may contain. TFDV replaces values over 1,024 bytes and invalid UTF-8."""

TRAIN = {
    "age": [20.0, 30.0, None, 50.0] * 25,
    "workclass": ["Private", "Private", "State-gov", None] * 25,
    HOSTILE[0]: [HOSTILE[i % len(HOSTILE)] for i in range(100)],
    "image": [b"\xff" * 784] * 100,
}


@cache
def statistics() -> dict[str, Any]:
    """Returns StatisticsGen's output by split. `test` has other ages and no workclass."""
    test = {**TRAIN, "age": [float("nan"), 70.0, 80.0, 90.0] * 25}
    del test["workclass"]
    return {"train": of(TRAIN), "test": of(test)}


def of(columns: dict[str, list[Any]]) -> Any:
    """Returns a `DatasetFeatureStatisticsList`; None is a missing value."""
    import pyarrow as pa
    from tensorflow_data_validation import StatsOptions
    from tensorflow_data_validation.statistics.stats_impl import generate_statistics_in_memory

    batch = pa.RecordBatch.from_pydict(
        {
            name: pa.array([None if value is None else [value] for value in values])
            for name, values in columns.items()
        }
    )
    return generate_statistics_in_memory(batch, StatsOptions())
