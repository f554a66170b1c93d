"""How far distributions lie apart, as TFDV measures it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2
from tensorflow_metadata.proto.v0.statistics_pb2 import DatasetFeatureStatisticsList

Comparison = Literal["drift", "skew"]

_REFERENCE = {"drift": "previous_statistics", "skew": "serving_statistics"}
_LARGEST = 1.0  # value of both measures


class Distance(NamedTuple):
    """A feature's distance between two data sets.

    Attributes:
        measure: TFDV's name of it. L_INFTY, of texts: the largest difference of a value's share.
            JENSEN_SHANNON_DIVERGENCE, of numbers. Both lie between 0 (the same) and 1.
        value: How large it is.
        limit: What the schema allows, or None.
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
    """Compares all features, also those for which the schema sets no limit.

    Args:
        comparison: "drift", from earlier data; "skew", from data that the model will see.
        current: Statistics of the data that is trained on.
        reference: Statistics of what it is compared with.
        schema: May set limits by `drift_comparator` and `skew_comparator`.

    Returns:
        Feature -> distance; without features that TFDV cannot compare, such as images.
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
    """Returns the schema with a comparator for every feature: TFDV measures no other."""
    completed = schema_pb2.Schema()
    completed.CopyFrom(schema)
    kinds = {f.path.step[0]: f.WhichOneof("stats") for f in statistics.datasets[0].features}
    for feature in completed.feature:
        if feature.HasField(comparator):
            continue
        if kinds.get(feature.name) == "num_stats":
            measure = getattr(feature, comparator).jensen_shannon_divergence
            measure.threshold = _LARGEST
        elif kinds.get(feature.name) == "string_stats":
            measure = getattr(feature, comparator).infinity_norm
            measure.threshold = _LARGEST
    return completed
