"""Prepares the files that stock TFX reads, before the timing starts."""

from __future__ import annotations

from collections.abc import Iterator
from csv import writer
from pathlib import Path
from typing import Any

from pipelines.assembly import build_example_gen
from pipelines.plan import Plan
from pipelines.spec import PipelineSpec
from schemas.reader import read_schema


def reads_csv(spec: PipelineSpec) -> bool:
    """Whether stock TFX has an ExampleGen for a pipeline's data. If not, it gets TFRecords."""
    return "csv" in spec.source.options


def prepare(plan: Plan, folder: Path) -> None:
    """Writes the rows of each of our splits as CSV or TFRecords: `SPLIT/*`.

    CsvExampleGen cannot read files without a header, missing values that are not empty, or labels
    that are spelled differently from the schema.

    Args:
        plan: A run of ours on the data.
        folder: The folder that gets a folder for each split.
    """
    from tfx.types import artifact_utils, standard_artifacts

    node = build_example_gen(plan)
    examples = standard_artifacts.Examples()
    examples.uri = str(folder / "examples")
    node.EXECUTOR_SPEC.executor_class().Do({}, {"examples": [examples]}, node.exec_properties)
    for split in plan.data.patterns:
        records = Path(artifact_utils.get_split_uri([examples], split))
        if reads_csv(plan.spec):
            path = folder / split / f"{split}.csv"
            path.parent.mkdir(parents=True)
            _write_csv(plan, records, path)
        else:
            records.rename(folder / split)


def _write_csv(plan: Plan, records: Path, path: Path) -> None:
    import tensorflow as tf

    columns = [feature.name for feature in read_schema(plan.spec.schema_file).feature]

    def fields(record: bytes) -> Iterator[Any]:
        features = tf.train.Example.FromString(record).features.feature
        for name in columns:
            kind = features[name].WhichOneof("kind")
            (value,) = (getattr(features[name], kind).value if kind else ()) or ("",)
            yield value.decode() if isinstance(value, bytes) else value

    dataset = tf.data.TFRecordDataset(sorted(map(str, records.iterdir())), "GZIP")
    with path.open("w", encoding="utf-8", newline="") as opened:
        lines = writer(opened)
        lines.writerow(columns)
        lines.writerows(fields(record) for record in dataset.as_numpy_iterator())
