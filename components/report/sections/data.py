"""What the data is like, by TFDV."""

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
from schemas.reader import read_schema

_TRAIN = "train"
_EARLIER = "earlier train"
_DISTANCES = "distance of each feature from train"


class Feature(NamedTuple):
    """One feature in all splits.

    Attributes:
        columns: Its figures by split; None where a split lacks it.
        figures: Names of the figures.
        distances: What `train` is compared with -> how far that is from it.
        chart: Name of the chart of its distribution; None where there is none to see.
    """

    columns: Mapping[str, Column | None]
    figures: Sequence[str]
    distances: Mapping[str, Distance]
    chart: str | None


class SchemaRow(NamedTuple):
    """What the schema expects of a feature, in words."""

    name: str
    type: str
    presence: str
    domain: str
    served: bool


def build(run: Evidence) -> Section:
    """Builds the section."""
    statistics = run.splits
    schema = read_schema(run.schema / "schema.pbtxt")
    versus = _versus(run, statistics, schema)
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
            "colours": distributions.COLOURS,
            "features": {
                name: Feature(
                    columns={split: table[name].get(split) for split in statistics},
                    figures=_figures(table[name].values()),
                    distances={other: d[name] for other, d in versus.items() if name in d},
                    chart=_chart(name) if charts[name] else None,
                )
                for name in order
            },
            "overview": _DISTANCES if overview else None,
            "earlier": run.earlier if _EARLIER in versus else None,
            "anomalies": run.summary["anomalies"],
            "schema": [_schema_row(feature) for feature in schema.feature],
        },
        drawn | ({_DISTANCES: overview} if overview else {}),
    )


def _chart(feature: str) -> str:
    return f"distribution of {feature}"


def _figures(by_split: Any) -> list[str]:
    return list(dict.fromkeys(name for column in by_split for name in column.figures))


def _versus(
    run: Evidence,
    statistics: Mapping[str, DatasetFeatureStatisticsList],
    schema: schema_pb2.Schema,
) -> dict[str, Mapping[str, Distance]]:
    """Returns what `train` is compared with -> feature -> how far that is from it."""
    train = statistics[_TRAIN]
    versus: dict[str, Mapping[str, Distance]] = {
        split: distances("skew", train, other, schema)
        for split, other in statistics.items()
        if split != _TRAIN
    }
    # It may have been pruned since.
    if run.earlier and (folder := Path(run.earlier.uri)).is_dir():
        before = read(folder)[_TRAIN]
        versus[_EARLIER] = distances("drift", train, before, schema)
    return versus


def _schema_row(feature: Any) -> SchemaRow:
    share = feature.presence.min_fraction
    return SchemaRow(
        name=feature.name,
        type=schema_pb2.FeatureType.Name(feature.type).lower(),
        presence="every row" if share == 1 else f"{share:.0%} of rows" if share else "optional",
        domain=_domain(feature),
        served="SERVING" not in feature.not_in_environment,
    )


def _domain(feature: Any) -> str:
    kind = feature.WhichOneof("domain_info")
    if kind == "string_domain":
        return ", ".join(feature.string_domain.value)
    if kind not in ("int_domain", "float_domain"):
        return "any"
    domain = getattr(feature, kind)
    bounds = (
        ("from", domain.min, domain.HasField("min")),
        ("to", domain.max, domain.HasField("max")),
    )
    return " ".join(f"{word} {value:,.10g}" for word, value, there in bounds if there) or "any"
