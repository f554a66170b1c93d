"""The input of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from components.report.lineage import Node, PreviousArtifact
from components.report.summary import ScoreBucket, Summary


class Limit(TypedDict):
    """A condition for the blessing; see `pipelines.spec.Threshold`."""

    metric: str
    limit: float
    max_drop: float


class Declaration(TypedDict):
    """The facts that are known before a run.

    Attributes:
        name: The pipeline's name.
        title: The pipeline's title.
        sections: The sections of the report, names of modules in `components.report.sections`.
        better: Metric -> whether "higher" or "lower" values are better; None if neither is.
        classes: The classes in the order of the scores; empty where the label is a number.
        thresholds: The conditions for the blessing.
        fairness_slices: The slices by groups of people, each the names of its features.
        reference_metrics: The original tutorial's metrics on the official test split.
        reference_digest: The digest of the official test split; "" if there is none.
        model_card: What the model is for, what it must not be used for, and its limits, by heading.
        data: The data's name, as the user knows it.
        parameters: The hyper-parameters.
        seed: The random seed for training.
        version: The version of the code.
    """

    name: str
    title: str
    sections: list[str]
    better: dict[str, str | None]
    classes: list[str]
    thresholds: list[Limit]
    fairness_slices: list[list[str]]
    reference_metrics: dict[str, float]
    reference_digest: str
    model_card: dict[str, str]
    data: str
    parameters: dict[str, Any]
    seed: int
    version: str


@dataclass(frozen=True)
class Evidence:
    """The input of a report's sections.

    Attributes:
        run_id: The run's name.
        declaration: The facts that were known before the run.
        content: The fingerprint of the contents of the data's files.
        summary: The results of the run.
        scores: The buckets of scores of a binary classifier; see
            `components.report.summary.Predictions`.
        samples: The samples of predictions of a regression; see there.
        nodes: The nodes that ran before the report, in order.
        statistics: The folder of StatisticsGen's output.
        previous_statistics: The statistics of the previous data, if there was any.
        schema: The folder of the schema.
        model_run: The folder of the Trainer's files other than the model, if it ran.
    """

    run_id: str
    declaration: Declaration
    content: str
    summary: Summary
    scores: Sequence[ScoreBucket]
    samples: Mapping[str, np.ndarray]
    nodes: Sequence[Node]
    statistics: Path
    previous_statistics: PreviousArtifact | None
    schema: Path
    model_run: Path | None

    @cached_property
    def splits(self) -> Mapping[str, Any]:
        """TFDV's statistics of all splits, `train` first, read once for all sections."""
        from components.report.statistics import read

        return read(self.statistics)


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        title: Its heading, also in the table of contents.
        template: The file name of its template, in the folder of sections.
        values: The variables of the template.
        charts: Name -> specification. The template draws them by `chart(name)`.
    """

    title: str
    template: str
    values: Mapping[str, Any]
    charts: Mapping[str, Any]
