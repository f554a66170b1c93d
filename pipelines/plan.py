"""What a run is to do: everything that decides its outcome, in one value."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from components.report.evidence import Declaration
from pipelines.datasets.local import DataSet
from pipelines.fingerprint import code_version, combine, source_fingerprint
from pipelines.tutorial import Tutorial
from schemas.reader import domain, read_schema
from trainer_modules.shared.parameters import Parameters


@dataclass(frozen=True)
class Plan:
    """One run, before it starts.

    Attributes:
        tutorial: What is run.
        data: On what.
        root: Absolute path of the folder that keeps runs, metadata and pushed models.
        parameters: Hyper-parameters.
        seed: Of training.
        beam_args: Flags for all Beam components.
        cache: Whether results of earlier runs may stand in for unchanged nodes.
        until: The node after which to stop, or None.
    """

    tutorial: Tutorial
    data: DataSet
    root: Path
    parameters: Parameters
    seed: int = 0
    beam_args: tuple[str, ...] = ()
    cache: bool = True
    until: str | None = None

    @property
    def pipeline_root(self) -> Path:
        """Where TFX keeps the artifacts of this tutorial's runs."""
        return self.root / "pipelines" / self.tutorial.name

    @property
    def serving_folder(self) -> Path:
        """Where versions of the pushed model appear."""
        return self.root / "serving" / self.tutorial.name

    @property
    def published(self) -> dict[str, float]:
        """The original tutorial's figures, where this data compares with its."""
        return dict(self.tutorial.published) if self.data.official else {}

    @cached_property
    def declaration(self) -> Declaration:
        """What a report says of the run besides its outcome."""
        tutorial = self.tutorial
        return {
            "name": tutorial.name,
            "title": tutorial.title,
            "about": dict(tutorial.about),
            "classes": list(domain(read_schema(tutorial.schema_file), tutorial.label)),
            "people": [list(names) for names in tutorial.people],
            "published": self.published,
            "thresholds": [
                {"metric": t.metric, "minimum": t.minimum, "largest_drop": t.largest_drop}
                for t in tutorial.thresholds
            ],
            "data": self.data.origin,
            "content": self.data.content(),
            "parameters": self.parameters.model_dump(mode="json"),
            "seed": self.seed,
            "version": code_version(),
        }

    @cached_property
    def fingerprint(self) -> str:
        """Equal for two plans whose runs would come to the same."""
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
