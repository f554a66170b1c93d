"""The statistics of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_metadata.proto.v0.statistics_pb2 import DatasetFeatureStatisticsList

from components.report.distances import Distance, distances
from components.report.evidence import Evidence, Section
from components.report.sections import distributions
from components.report.statistics import Column, columns, read, rows
from schemas.reader import domain, read_schema

_TRAIN = "train"
_PREVIOUS = "previous train"
_DISTANCES = "distance of each feature from train"


class Feature(NamedTuple):
    """One feature in all splits.

    Attributes:
        columns: Split -> its column; None if the split does not have the feature.
        statistics: The names of its statistics.
        distances: Other data -> its distance from `train`.
        chart: The name of the chart of its distribution; None if there is none.
    """

    columns: Mapping[str, Column | None]
    statistics: Sequence[str]
    distances: Mapping[str, Distance]
    chart: str | None


class SchemaRow(NamedTuple):
    """A feature of the schema, in words."""

    name: str
    type: str
    presence: str
    domain: str
    served: bool


def build(run: Evidence) -> Section:
    """Builds the section."""
    statistics = run.splits
    schema = read_schema(run.schema / "schema.pbtxt")
    versus = _distances_from_train(run, statistics, schema)
    table = columns(statistics)
    order = [f.name for f in schema.feature if f.name in table]
    order += [name for name in table if name not in order]
    charts = {name: distributions.distribution(table[name]) for name in order}
    drawn = {_chart(name): spec for name, spec in charts.items() if spec}
    overview = distributions.distances(versus)
    return Section(
        "Data",
        "data.html.j2",
        {
            "rows": rows(statistics),
            "colors": distributions.COLORS,
            "features": {
                name: Feature(
                    columns={split: table[name].get(split) for split in statistics},
                    statistics=_statistics(table[name].values()),
                    distances={other: d[name] for other, d in versus.items() if name in d},
                    chart=_chart(name) if charts[name] else None,
                )
                for name in order
            },
            "overview": _DISTANCES if overview else None,
            "previous": run.previous_statistics if _PREVIOUS in versus else None,
            "anomalies": run.summary["anomalies"],
            "schema": [_schema_row(feature, schema) for feature in schema.feature],
        },
        drawn | ({_DISTANCES: overview} if overview else {}),
    )


def _chart(feature: str) -> str:
    return f"distribution of {feature}"


def _statistics(by_split: Any) -> list[str]:
    return list(dict.fromkeys(name for column in by_split for name in column.statistics))


def _distances_from_train(
    run: Evidence,
    statistics: Mapping[str, DatasetFeatureStatisticsList],
    schema: schema_pb2.Schema,
) -> dict[str, Mapping[str, Distance]]:
    """Returns other data -> feature -> distance from `train`."""
    train = statistics[_TRAIN]
    versus: dict[str, Mapping[str, Distance]] = {
        split: distances("skew", train, other, schema)
        for split, other in statistics.items()
        if split != _TRAIN
    }
    previous = run.previous_statistics
    # Its files may have been deleted since.
    before = read(Path(previous.uri)) if previous else {}
    if _TRAIN in before:
        versus[_PREVIOUS] = distances("drift", train, before[_TRAIN], schema)
    return versus


def _schema_row(feature: Any, schema: schema_pb2.Schema) -> SchemaRow:
    share = feature.presence.min_fraction
    return SchemaRow(
        name=feature.name,
        type=schema_pb2.FeatureType.Name(feature.type).lower(),
        presence="every row" if share == 1 else f"{share:.0%} of rows" if share else "optional",
        domain=_values_or_range(feature, schema),
        served="SERVING" not in feature.not_in_environment,
    )


def _values_or_range(feature: Any, schema: schema_pb2.Schema) -> str:
    kind = feature.WhichOneof("domain_info")
    if kind in ("string_domain", "domain", "bool_domain"):
        return ", ".join(domain(schema, feature.name))
    if kind not in ("int_domain", "float_domain"):
        return "any"
    limits = getattr(feature, kind)
    bounds = (
        ("from", limits.min, limits.HasField("min")),
        ("to", limits.max, limits.HasField("max")),
    )
    return " ".join(f"{word} {value:,.10g}" for word, value, there in bounds if there) or "any"
