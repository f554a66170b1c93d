"""What the data is like, by TFDV."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.report.evidence import Evidence, Section

_TOP = 5
"""Values that are listed of a categorical feature."""

_TRAIN = "train"

_BARS = 20
"""Most bars of a histogram."""


def build(run: Evidence) -> Section:
    """Builds the section."""
    splits = read_statistics(run.statistics)
    features: dict[str, dict[str, Any]] = {}
    for split, statistics in splits.items():
        for feature in statistics.features:
            name = ".".join(feature.path.step) or feature.name
            features.setdefault(name, {})[split] = _describe(feature)
    return Section(
        "Data",
        "data.html.j2",
        {
            "splits": {name: int(found.num_examples) for name, found in splits.items()},
            "features": features,
            "distances": _distances(run, splits),
            "schema": _schema(run.schema),
        },
        {},
    )


def read_statistics(folder: Path) -> dict[str, Any]:
    """Returns splits, train first, and their `DatasetFeatureStatistics`.

    Args:
        folder: StatisticsGen's output.
    """
    import tensorflow_data_validation as tfdv

    return {
        split.name.removeprefix("Split-"): tfdv.load_stats_binary(
            str(split / "FeatureStats.pb")
        ).datasets[0]
        for split in sorted(folder.glob("Split-*"), key=_in_order)
    }


def _in_order(split: Path) -> tuple[bool, str]:
    names = ("Split-train", "Split-eval", "Split-test")
    return split.name not in names, str(names.index(split.name)) if split.name in names else ""


def _describe(feature: Any) -> dict[str, Any]:
    """Returns a feature's figures in a split, under the headings of the table."""
    kind = feature.WhichOneof("stats")
    statistics = getattr(feature, kind)
    common = statistics.common_stats
    rows = common.num_non_missing + common.num_missing
    found: dict[str, Any] = {
        "missing": common.num_missing / rows if rows else 0.0,
        "figures": {},
        "bars": [],
        "top": [],
    }
    if kind == "num_stats":
        found["figures"] = {
            "mean": statistics.mean,
            "deviation": statistics.std_dev,
            "min": statistics.min,
            "median": statistics.median,
            "max": statistics.max,
            "zeros": statistics.num_zeros,
        }
        histogram = next((h for h in statistics.histograms if h.type == h.STANDARD), None)
        if histogram:
            found["bars"] = [
                (f"{bucket.low_value:.4g} to {bucket.high_value:.4g}", bucket.sample_count)
                for bucket in histogram.buckets[:_BARS]
            ]
    elif kind == "string_stats":
        found["figures"] = {"values": statistics.unique, "mean length": statistics.avg_length}
        found["bars"] = [(value.value, value.frequency) for value in statistics.top_values[:_BARS]]
        found["top"] = [value.value for value in statistics.top_values[:_TOP]]
    elif kind == "bytes_stats":
        found["figures"] = {
            "values": statistics.unique,
            "mean bytes": statistics.avg_num_bytes,
            "most bytes": statistics.max_num_bytes,
        }
    return found


def _distances(run: Evidence, splits: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Returns how far features of other splits, and of the run before, lie from those of train.

    By TFDV: the L-infinity distance of the shares of values, the Jensen-Shannon divergence of
    numbers; 0 for equal distributions, 1 at most.
    """
    others = {name: found for name, found in splits.items() if name != _TRAIN}
    if run.previous is not None:
        before = read_statistics(run.previous).get(_TRAIN)
        if before is not None:
            others["train of the data before"] = before
    if _TRAIN not in splits:
        return {}
    distances: dict[str, dict[str, float]] = {}
    for name, found in others.items():
        for feature, distance in _skew(_read_schema(run.schema), splits[_TRAIN], found).items():
            distances.setdefault(feature, {})[name] = distance
    return distances


def _skew(schema: Any, train: Any, other: Any) -> dict[str, float]:
    import tensorflow_data_validation as tfdv
    from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2

    for feature in schema.feature:
        # Thresholds that nothing exceeds: only the measurements are wanted.
        if feature.type == schema_pb2.BYTES:
            feature.skew_comparator.infinity_norm.threshold = 1.0
        else:
            feature.skew_comparator.jensen_shannon_divergence.threshold = 1.0
    anomalies = tfdv.validate_statistics(
        statistics_pb2.DatasetFeatureStatisticsList(datasets=[train]),
        schema,
        serving_statistics=statistics_pb2.DatasetFeatureStatisticsList(datasets=[other]),
    )
    return {
        ".".join(info.path.step): info.skew_measurements[0].value
        for info in anomalies.drift_skew_info
        if info.skew_measurements
    }


def _read_schema(folder: Path) -> Any:
    from google.protobuf import text_format
    from tensorflow_metadata.proto.v0 import schema_pb2

    schema = schema_pb2.Schema()
    text_format.Parse((folder / "schema.pbtxt").read_text("utf-8"), schema)
    return schema


def _schema(folder: Path) -> list[Mapping[str, str]]:
    """Returns a line per feature of the schema."""
    from tensorflow_metadata.proto.v0 import schema_pb2

    schema = _read_schema(folder)
    domains = {domain.name: domain.value for domain in schema.string_domain}
    lines: list[Mapping[str, str]] = []
    for feature in schema.feature:
        values = feature.string_domain.value or domains.get(feature.domain, ())
        bounds = feature.float_domain if feature.HasField("float_domain") else feature.int_domain
        domain = ", ".join(values)
        if feature.HasField("int_domain") or feature.HasField("float_domain"):
            domain = f"{bounds.min:g} to {bounds.max:g}"
        lines.append(
            {
                "feature": feature.name,
                "type": schema_pb2.FeatureType.Name(feature.type).lower(),
                "present": f"{feature.presence.min_fraction:.0%} of rows",
                "domain": domain or "any",
            }
        )
    return lines
