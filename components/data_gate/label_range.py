"""Finds labels that do not vary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tensorflow_metadata.proto.v0 import statistics_pb2


def constant_label(
    statistics: Mapping[str, bytes], label: str, classes: Sequence[str]
) -> list[dict[str, str | bool]]:
    """Reports a label with the same value in all rows of train. A schema cannot forbid this.

    Args:
        statistics: Split -> serialized `tensorflow.metadata.v0.DatasetFeatureStatisticsList`.
        label: The label's name.
        classes: Unused: the label is a number.

    Returns:
        At most one anomaly, in the format of `read_anomalies`.
    """
    del classes
    train = statistics_pb2.DatasetFeatureStatisticsList.FromString(statistics["train"])
    return [
        {
            "split": "train",
            "feature": label,
            "type": "CONSTANT_LABEL",
            "what": f"All rows have the value {feature.num_stats.min:g}. "
            "Add rows with other values of the label.",
            "severity": "ERROR",
            "allowed": False,
        }
        for dataset in train.datasets
        for feature in dataset.features
        if label in (feature.name, *feature.path.step)
        and feature.num_stats.min == feature.num_stats.max
    ]
