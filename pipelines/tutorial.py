"""What a tutorial declares; everything else about it is derived."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, NamedTuple

from components.example_gen.tail import Tail
from pipelines.datasets.remote import RemoteFile
from trainer_modules.shared.parameters import Parameters


@dataclass(frozen=True)
class Source:
    """Where the rows come from and which ExampleGen reads them.

    Attributes:
        example_gen: Import path of a `components.example_gen.StreamingExampleGen` subclass.
        layouts: How the files may lie, such as in an archive or unpacked; the first of which there
            are files for all splits counts. Each is split name -> glob below the data folder.
            Splits that name the same pattern share its rows; `{SPAN}` and `{VERSION}` work as in
            TFX.
        hash_buckets: Split name -> share of the buckets, for the splits that share by hash the rows
            of a pattern.
        tail: The split, if any, that the last rows of its pattern's files are.
        remote: The official files, as `tutorials data` downloads them.
        sample: Writes the embedded sample, in the official layout, as a new folder, whole or not at
            all.
        options: Anything else the ExampleGen's executor must know; JSON values only.
    """

    example_gen: str
    layouts: tuple[Mapping[str, str], ...]
    remote: tuple[RemoteFile, ...]
    sample: Callable[[Path], object]
    hash_buckets: Mapping[str, int] = field(default_factory=dict)
    tail: Tail | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


class Metrics(NamedTuple):
    """TFMA metrics: their module and class, and the names that the class computes."""

    module: str
    class_name: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Threshold:
    """What a model must reach on `test` to be blessed.

    Attributes:
        metric: Name of a metric of the tutorial's task (see `pipelines.evaluation`) or of
            `extra_metrics`.
        minimum: Lowest accepted value.
        largest_drop: How far the value may fall below that of the latest blessed model.
    """

    metric: str
    minimum: float
    largest_drop: float


@dataclass(frozen=True)
class Tutorial:
    """One pipeline, declared.

    Attributes:
        name: What the user types; also the name of the schema and of the pipeline in ML Metadata.
        title: One line for lists and reports.
        task: Decides the metrics and how they are computed.
        label: The label's feature name. For classification its string domain in the schema fixes
            the classes and their order in `scores`.
        source: The data.
        trainer: Import path of the package with `training.run_fn` and, where there is a Transform,
            `preprocessing.preprocessing_fn`.
        parameters: The hyper-parameters, with defaults and ranges.
        thresholds: The blessing.
        slices: Feature names whose values (or value combinations) are evaluated on their own. Names
            that the schema lacks are those of features that the model's signature `slices` derives.
        extra_metrics: What is measured besides the metrics of the task.
        people: Those of the slices that are groups of people; the report compares how the model
            treats them.
        errors: Features that show what a row is; where given, the report lists the most confident
            errors by them.
        transform: Whether there is a Transform. The Trainer applies its function to raw Examples as
            it reads them, which is quicker than having Beam write what comes out.
        allowed_anomalies: Feature name ("" for the data set as a whole) -> types of TFDV anomalies,
            names of `AnomalyInfo.Type`, that are warnings only.
        published: Figures of the original tutorial, by metric name, for the report.
        about: The report's model card: what the model is for and what its limits are, by heading.
    """

    name: str
    title: str
    task: Literal["binary", "multiclass"]
    label: str
    source: Source
    trainer: str
    parameters: type[Parameters]
    thresholds: tuple[Threshold, ...]
    slices: tuple[tuple[str, ...], ...] = ()
    extra_metrics: tuple[Metrics, ...] = ()
    people: tuple[tuple[str, ...], ...] = ()
    errors: tuple[str, ...] = ()
    transform: bool = True
    allowed_anomalies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    published: Mapping[str, float] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def schema_file(self) -> Path:
        """The curated schema, a text-format `tensorflow.metadata.v0.Schema`."""
        return Path(str(files("schemas") / f"{self.name}.pbtxt"))
