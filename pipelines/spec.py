"""The declaration of a pipeline. Everything else about it is derived."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from components.example_gen.tail import Tail
from components.metrics import MetricGroup
from pipelines.datasets.remote import RemoteFile
from pipelines.tasks import Task
from trainer_modules.shared.parameters import Parameters


@dataclass(frozen=True)
class Source:
    """The source of the rows, and the ExampleGen that reads them.

    Attributes:
        name: The data set's name, for lists.
        url: The data set's page.
        rows: The number of rows and how they are split, for lists.
        example_gen: The import path of a `components.example_gen.StreamingExampleGen` subclass.
        layouts: The possible layouts of the files, such as packed or unpacked. The first one with
            files for all splits is used. Each layout maps a split name to a glob below the data
            folder. Splits that name the same pattern share its rows. `{SPAN}` and `{VERSION}`
            work as in TFX.
        hash_buckets: Split name -> number of buckets, for the splits that share the rows of a
            pattern by hash.
        tail: The split, if any, that consists of the last rows of its pattern's files.
        remote: The official files, as `tutorials download` fetches them.
        sample: Writes the embedded sample, in the official layout, as a new folder that is either
            complete or absent.
        test_digest: The digest of the official test split (see
            `components.example_gen.digest`). Reference metrics are shown only for these rows.
        options: Anything else that the ExampleGen's executor needs. JSON values only.
    """

    name: str
    url: str
    rows: str
    example_gen: str
    layouts: tuple[Mapping[str, str], ...]
    remote: tuple[RemoteFile, ...]
    sample: Callable[[Path], object]
    hash_buckets: Mapping[str, int] = field(default_factory=dict)
    tail: Tail | None = None
    test_digest: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Threshold:
    """A condition on the test split that a model must meet to be blessed.

    Attributes:
        metric: The name of a metric of the pipeline's task or of its `extra_metrics`.
        limit: The lowest accepted value, or the highest one of a metric that is better when lower.
        max_drop: How much worse the value may be than that of the latest blessed model.
    """

    metric: str
    limit: float
    max_drop: float


@dataclass(frozen=True)
class PipelineSpec:
    """The declaration of a pipeline.

    Attributes:
        name: The name that the user types, also of the schema and of the pipeline in ML Metadata.
        title: One line for lists and reports.
        task: The kind of task, which brings the metrics, plots, and report sections.
        label: The label's feature name. For classification, its domain in the schema gives the
            classes and their order in `scores`. None where rows have no label.
        source: The data.
        model: The model in a few words, for lists.
        trainer: The import path of the package with `training.run_fn` and
            `preprocessing.preprocessing_fn`.
        parameters: The hyper-parameters, with defaults and ranges.
        thresholds: The conditions for a blessing.
        slices: The feature names whose values (or combinations of values) are evaluated on their
            own. Names that are not in the schema are features that the model's signature `slices`
            derives.
        extra_metrics: Metrics in addition to those of the task.
        fairness_slices: The slices that are groups of people. The report compares how the model
            treats them.
        error_features: The features that identify a row. If given, the report lists the worst
            errors by them.
        allowed_anomalies: Feature name ("" for the whole data set) -> types of TFDV anomalies,
            names of `AnomalyInfo.Type`, that are only warnings.
        reference_url: The original tutorial's page.
        reference_metrics: The original tutorial's metrics on the official test split.
        model_card: The purpose and the limits of the model, by heading.
    """

    name: str
    title: str
    task: Task
    label: str | None
    source: Source
    model: str
    trainer: str
    parameters: type[Parameters]
    thresholds: tuple[Threshold, ...]
    slices: tuple[tuple[str, ...], ...] = ()
    extra_metrics: tuple[MetricGroup, ...] = ()
    fairness_slices: tuple[tuple[str, ...], ...] = ()
    error_features: tuple[str, ...] = ()
    allowed_anomalies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reference_url: str = ""
    reference_metrics: Mapping[str, float] = field(default_factory=dict)
    model_card: Mapping[str, str] = field(default_factory=dict)

    @property
    def schema_file(self) -> Path:
        """The curated schema, a text-format `tensorflow.metadata.v0.Schema`."""
        return Path(str(files("schemas") / f"{self.name}.pbtxt"))

    @property
    def metrics(self) -> dict[str, Any]:
        """Metric name -> `components.metrics.Metric`, those of the task first."""
        groups = (self.task.metrics, *self.extra_metrics)
        return {metric.name: metric for group in groups for metric in group.metrics}
