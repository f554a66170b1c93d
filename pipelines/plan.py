"""The plan of a run: all inputs of its results, in one object."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from components.errors import UsageError, did_you_mean
from components.report.evidence import Declaration
from pipelines.datasets.layouts import DataSet
from pipelines.fingerprint import code_version, combine, source_fingerprint
from pipelines.root import Root
from pipelines.spec import PipelineSpec
from schemas.reader import read_schema
from trainer_modules.shared.parameters import Parameters

NODES = (
    "ImportSchemaGen",
    "StatisticsGen",
    "ExampleValidator",
    "DataGate",
    "Transform",
    "Trainer",
    "Baseline",
    "Evaluator",
    "AtomicPusher",
    "Report",
)
"""The nodes of every pipeline, after its ExampleGen."""

SPANS_PARAMETER = "spans"
"""The parameter of each run with the spans of the data to read, a JSON `RangeConfig`."""


@dataclass(frozen=True)
class Plan:
    """One run, before it starts.

    Attributes:
        spec: The pipeline.
        data: The data.
        root: The folder of runs, metadata, and pushed models.
        parameters: The hyper-parameters.
        seed: The random seed for training.
        beam_args: The flags for all Beam components.
        cache: Whether unchanged nodes may use the results of earlier runs.
        until: The node after which to stop, or None.
    """

    spec: PipelineSpec
    data: DataSet
    root: Root
    parameters: Parameters
    seed: int = 0
    beam_args: tuple[str, ...] = ()
    cache: bool = True
    until: str | None = None

    def __post_init__(self) -> None:
        """Checks `until`.

        Raises:
            UsageError: The pipeline has no node of that name.
        """
        if self.until is not None and self.until not in self.node_ids:
            raise UsageError(
                f"There is no node '{self.until}'.{did_you_mean(self.until, self.node_ids)} "
                f"Choose one of {', '.join(self.node_ids)}."
            )

    @property
    def node_ids(self) -> tuple[str, ...]:
        """The names of the pipeline's nodes."""
        return (self.spec.source.example_gen.rpartition(".")[2], *NODES)

    @property
    def pipeline_root(self) -> Path:
        """The folder for the artifacts of this pipeline's runs."""
        return self.root.location / "pipelines" / self.spec.name

    @property
    def serving_folder(self) -> Path:
        """The folder for versions of the pushed model."""
        return self.root.serving_folder(self.spec.name)

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The label's classes; none if the label is a number or missing."""
        spec = self.spec
        if spec.label is None:
            return ()
        return spec.task.classes(read_schema(spec.schema_file), spec.label)

    @cached_property
    def declaration(self) -> Declaration:
        """The facts that the report needs in addition to the artifacts."""
        spec = self.spec
        return {
            "name": spec.name,
            "title": spec.title,
            "sections": list(spec.task.sections),
            "better": {name: metric.better for name, metric in spec.metrics.items()},
            "classes": list(self.classes),
            "thresholds": [
                {"metric": t.metric, "limit": t.limit, "max_drop": t.max_drop}
                for t in spec.thresholds
            ],
            "fairness_slices": [list(names) for names in spec.fairness_slices],
            "reference_metrics": dict(spec.reference_metrics),
            "reference_digest": spec.source.test_digest,
            "model_card": dict(spec.model_card),
            "data": self.data.origin,
            "parameters": self.parameters.model_dump(mode="json"),
            "seed": self.seed,
            "version": code_version(),
        }

    @cached_property
    def fingerprint(self) -> str:
        """Identical for plans that would produce the same results."""
        return combine(
            self.data.fingerprint(),
            str(self.data.folder),
            source_fingerprint("pipelines", "components", "schemas", "trainer_modules"),
            platform.python_version(),
            *(f"{name} {version(name)}" for name in ("tfx", "tensorflow", "keras", "apache-beam")),
            self.parameters.model_dump_json(),
            str(self.seed),
            str(self.until),
        )

    def shown(self, text: str) -> str:
        """Returns a text with paths as the user knows them."""
        return self.root.shown(self.data.shown(text))
