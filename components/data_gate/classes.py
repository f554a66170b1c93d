"""Finds classes without rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tensorflow_metadata.proto.v0 import statistics_pb2


def missing_classes(
    statistics: Mapping[str, bytes], label: str, classes: Sequence[str]
) -> list[dict[str, str | bool]]:
    """Lists the splits with too few classes. A schema cannot require classes.

    The train split needs rows of every class to learn from. In other splits, rare classes may be
    missing, but metrics need rows of at least two classes.

    Args:
        statistics: Split -> serialized `tensorflow.metadata.v0.DatasetFeatureStatisticsList`.
        label: The label's name.
        classes: The classes of the label.

    Returns:
        One anomaly per split with too few classes, in the format of `read_anomalies`.
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
                    "what": f"No rows of class {', '.join(missing)}. Add rows of every class.",
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
    # Integer classes are 0 and 1 (a Boolean domain), so there are no values between them.
    return {str(int(numbers.min)), str(int(numbers.max))}
