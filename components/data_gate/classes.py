"""Finds classes that a split has no rows of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tensorflow_metadata.proto.v0 import statistics_pb2


def missing_classes(
    statistics: Mapping[str, bytes], label: str, classes: Sequence[str]
) -> list[dict[str, str | bool]]:
    """Lists the splits whose rows have too few classes, which no schema can forbid.

    Nothing can be learned about a class without rows in train; elsewhere a rare one may be missing,
    but one class alone cannot be told from anything.

    Args:
        statistics: Split -> serialized `tensorflow.metadata.v0.DatasetFeatureStatisticsList`.
        label: The label's name.
        classes: Its classes.

    Returns:
        One anomaly per split at fault, as `read_anomalies` has them.
    """
    found: list[dict[str, str | bool]] = []
    for split, serialized in statistics.items():
        present = _values(serialized, label) & set(classes)
        missing = [name for name in classes if name not in present]
        if missing and (split == "train" or len(present) < 2):
            found.append(
                {
                    "split": split,
                    "feature": label,
                    "type": "MISSING_CLASS",
                    "what": f"No rows of class {', '.join(missing)}; give data with all classes.",
                    "severity": "ERROR",
                    "allowed": False,
                }
            )
    return found


def _values(serialized: bytes, label: str) -> set[str]:
    statistics = statistics_pb2.DatasetFeatureStatisticsList.FromString(serialized)
    return {
        value
        for dataset in statistics.datasets
        for feature in dataset.features
        if label in (feature.name, *feature.path.step)
        for value in _values_of(feature)
    }


def _values_of(feature: statistics_pb2.FeatureNameStatistics) -> set[str]:
    if feature.HasField("string_stats"):
        return {bucket.label for bucket in feature.string_stats.rank_histogram.buckets}
    numbers = feature.num_stats
    if not numbers.common_stats.num_non_missing:
        return set()
    # Integer classes are 0 and 1 (a Boolean domain), so no value is between the two.
    return {str(int(numbers.min)), str(int(numbers.max))}
