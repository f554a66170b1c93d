"""The distances between distributions, as TFDV measures them."""

from __future__ import annotations

from typing import Literal, NamedTuple

from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2
from tensorflow_metadata.proto.v0.statistics_pb2 import DatasetFeatureStatisticsList

Comparison = Literal["drift", "skew"]

_REFERENCE = {"drift": "previous_statistics", "skew": "serving_statistics"}
_MAX_DISTANCE = 1.0  # of both measures


class Distance(NamedTuple):
    """A feature's distance between two data sets.

    Attributes:
        measure: TFDV's name of the measure. For strings it is L_INFTY, the largest difference of a
            value's share; for numbers JENSEN_SHANNON_DIVERGENCE. Both are between 0 (the same)
            and 1.
        value: The distance.
        limit: The largest distance that the schema allows, or None.
    """

    measure: str
    value: float
    limit: float | None


def distances(
    comparison: Comparison,
    current: DatasetFeatureStatisticsList,
    reference: DatasetFeatureStatisticsList,
    schema: schema_pb2.Schema,
) -> dict[str, Distance]:
    """Compares all features, including those for which the schema sets no limit.

    Args:
        comparison: "drift" from previous data, or "skew" between splits.
        current: The statistics of the training data.
        reference: The statistics of the data that it is compared with.
        schema: The schema. Sets limits by `drift_comparator` and `skew_comparator`.

    Returns:
        Feature -> distance, without features that TFDV cannot compare, such as images.
    """
    import tensorflow_data_validation as tfdv

    comparator = f"{comparison}_comparator"
    limited = {f.name for f in schema.feature if f.HasField(comparator)}
    found = tfdv.validate_statistics(
        current,
        _with_comparators(schema, comparator, current),
        **{_REFERENCE[comparison]: reference},
    )
    return {
        ".".join(info.path.step): Distance(
            anomalies_pb2.DriftSkewInfo.Measurement.Type.Name(measured.type),
            measured.value,
            measured.threshold if ".".join(info.path.step) in limited else None,
        )
        for info in found.drift_skew_info
        for measured in getattr(info, f"{comparison}_measurements")
    }


def _with_comparators(
    schema: schema_pb2.Schema, comparator: str, statistics: DatasetFeatureStatisticsList
) -> schema_pb2.Schema:
    """Returns the schema with a comparator for every feature: TFDV measures only these."""
    completed = schema_pb2.Schema()
    completed.CopyFrom(schema)
    kinds = {f.path.step[0]: f.WhichOneof("stats") for f in statistics.datasets[0].features}
    for feature in completed.feature:
        if feature.HasField(comparator):
            continue
        if kinds.get(feature.name) == "num_stats":
            measure = getattr(feature, comparator).jensen_shannon_divergence
            measure.threshold = _MAX_DISTANCE
        elif kinds.get(feature.name) == "string_stats":
            measure = getattr(feature, comparator).infinity_norm
            measure.threshold = _MAX_DISTANCE
    return completed
