"""Reads TFDV's statistics of the splits into plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tensorflow_metadata.proto.v0.statistics_pb2 import DatasetFeatureStatisticsList, Histogram

TOP_VALUES = 10

_NO_VALUES = ("__BYTES_VALUE__", "__LARGE_BYTES__")
"""TFDV's placeholders for values that are not valid UTF-8 or too long to count."""

_FILE = "FeatureStats.pb"
_ORDER = ("train", "eval", "test")

Kind = Literal["number", "string", "bytes"]
Statistics = Mapping[str, DatasetFeatureStatisticsList]
"""Split -> statistics of all rows, without slices, as StatisticsGen writes them."""


class Bucket(NamedTuple):
    """A bar of a histogram: `share` of the values that are present are between `low` and `high`."""

    low: float
    high: float
    share: float


class Frequency(NamedTuple):
    """A frequent value and its share of the values that are present."""

    value: str
    share: float


@dataclass(frozen=True)
class Column:
    """One feature in one split.

    Attributes:
        kind: The kind of values.
        present: The number of rows that have a value.
        missing: The share of rows that do not.
        statistics: Name -> value, in order. For numbers: mean, standard deviation, shares of zeros
            and NaN, minimum, deciles 1, 5 (the median), and 9, maximum. For strings: the number of
            distinct values and the mean length in characters. For bytes: the mean length and, if
            the schema declares bytes, the number of distinct values and the largest length.
        histogram: Ten buckets of equal width; for numbers only.
        top: The most frequent values, at most TOP_VALUES; for strings only.
    """

    kind: Kind
    present: int
    missing: float
    statistics: Mapping[str, float]
    histogram: tuple[Bucket, ...] = ()
    top: tuple[Frequency, ...] = ()


def read(folder: Path) -> dict[str, DatasetFeatureStatisticsList]:
    """Reads the statistics of all splits, `train` first.

    Args:
        folder: The folder of an `ExampleStatistics` artifact.
    """
    import tensorflow_data_validation as tfdv

    names = {path.parent.name.removeprefix("Split-") for path in folder.glob(f"Split-*/{_FILE}")}
    order = [name for name in _ORDER if name in names] + sorted(names - {*_ORDER})
    return {name: tfdv.load_stats_binary(str(folder / f"Split-{name}" / _FILE)) for name in order}


def rows(statistics: Statistics) -> dict[str, int]:
    """Returns the number of Examples of each split."""
    return {split: int(proto.datasets[0].num_examples) for split, proto in statistics.items()}


def columns(statistics: Statistics) -> dict[str, dict[str, Column]]:
    """Returns feature -> split -> column, without the splits that do not have the feature."""
    table: dict[str, dict[str, Column]] = {}
    for split, proto in statistics.items():
        dataset = proto.datasets[0]
        for feature in dataset.features:
            name = ".".join(feature.path.step)
            table.setdefault(name, {})[split] = _column(feature, dataset.num_examples)
    return table


def _column(feature: Any, examples: int) -> Column:
    kind = feature.WhichOneof("stats")
    stats = getattr(feature, kind)
    present = stats.common_stats.num_non_missing
    missing = 1 - present / examples if examples else 0.0
    read = {"num_stats": _numbers, "string_stats": _strings, "bytes_stats": _bytes}[kind]
    return Column(present=int(present), missing=missing, **read(stats))


def _numbers(stats: Any) -> dict[str, Any]:
    # A feature without any value has no histograms.
    histograms = {histogram.type: histogram for histogram in stats.histograms}
    standard = histograms.get(Histogram.STANDARD, Histogram())
    values = stats.common_stats.tot_num_values or 1
    return {
        "kind": "number",
        "statistics": {
            "mean": stats.mean,
            "std. dev.": stats.std_dev,
            "zeros": stats.num_zeros / values,
            "NaN": standard.num_nan / values,
            "min": stats.min,
            **_deciles(histograms.get(Histogram.QUANTILES, Histogram())),
            "max": stats.max,
        },
        "histogram": tuple(
            Bucket(bucket.low_value, bucket.high_value, bucket.sample_count / values)
            for bucket in standard.buckets
        ),
    }


def _deciles(histogram: Histogram) -> dict[str, float]:
    ends = [bucket.high_value for bucket in histogram.buckets]
    if len(ends) != 10:
        return {}
    return {"10%": ends[0], "median": ends[4], "90%": ends[8]}


def _strings(stats: Any) -> dict[str, Any]:
    buckets = stats.rank_histogram.buckets
    if any(bucket.label in _NO_VALUES for bucket in buckets):
        return {"kind": "bytes", "statistics": {"mean length": stats.avg_length}}
    values = stats.common_stats.tot_num_values or 1
    return {
        "kind": "string",
        "statistics": {"distinct": float(stats.unique), "mean length": stats.avg_length},
        "top": tuple(
            Frequency(bucket.label, bucket.sample_count / values) for bucket in buckets[:TOP_VALUES]
        ),
    }


def _bytes(stats: Any) -> dict[str, Any]:
    return {
        "kind": "bytes",
        "statistics": {
            "distinct": float(stats.unique),
            "mean length": stats.avg_num_bytes,
            "max length": float(stats.max_num_bytes_int or stats.max_num_bytes),
        },
    }
