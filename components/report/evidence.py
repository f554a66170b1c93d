"""What a run left for its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from components.report.lineage import Earlier, Node
from components.report.summary import ScoreBucket, Summary


class Limit(TypedDict):
    """A condition for the blessing; see `pipelines.spec.Threshold`."""

    metric: str
    limit: float
    max_drop: float


class Declaration(TypedDict):
    """What was known before the run.

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
        content: The fingerprint of the contents of the data's files.
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
    content: str
    parameters: dict[str, Any]
    seed: int
    version: str


@dataclass(frozen=True)
class Evidence:
    """What the sections of a report are made of.

    Attributes:
        run_id: The run's name.
        declaration: What was known before the run.
        summary: What came out of it.
        scores: The buckets of scores of a binary classifier; see
            `components.report.summary.Predictions`.
        samples: The samples of predictions of a regression; see there.
        nodes: What ran before the report, in order; empty where ML Metadata cannot be read.
        statistics: Folder of StatisticsGen's output.
        earlier: The same of the data before, if there was any.
        schema: Folder of the schema.
        model_run: Folder of what the Trainer wrote beside the model, if it ran.
    """

    run_id: str
    declaration: Declaration
    summary: Summary
    scores: Sequence[ScoreBucket]
    samples: Mapping[str, np.ndarray]
    nodes: Sequence[Node]
    statistics: Path
    earlier: Earlier | None
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
        template: File name of its template, in the folder of sections.
        values: What the template shows.
        charts: Name -> specification, drawn where the template says `chart(name)`.
    """

    title: str
    template: str
    values: Mapping[str, Any]
    charts: Mapping[str, Any]
