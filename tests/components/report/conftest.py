"""Artifacts and evidence that a run may contain."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from components.report.evidence import Evidence
from components.report.lineage import Artifact, Node
from pipelines.tasks import BINARY
from trainer_modules.shared.history import write_history
from trainer_modules.shared.insights import Insight, write_insight

HOSTILE = (
    "<script>document.title = 'taken'</script>",
    "\"quoted\" and 'so' & <b>bold</b>",
    "{{ 7 * 7 }} {% raw %}",
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd",
    "NUL\x00 and bell\x07",
    "</script><img src=x onerror=alert(1)>",
    "long " + "x" * 10_000,
)


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of statistics, a schema, and a training. Some of the values are hostile."""
    import tensorflow_data_validation as tfdv
    from google.protobuf import text_format

    folder = tmp_path_factory.mktemp("artifacts")
    random = np.random.default_rng(0)
    for split, rows in (("train", 300), ("eval", 50), ("test", 100)):
        table = pd.DataFrame(
            {
                "age": random.integers(17, 90, rows),
                "hours": random.normal(40, 10, rows).round(2),
                "job": random.choice(["clerk", "sales", *HOSTILE[:6]], rows),
                "label": random.choice(["no", "yes"], rows),
                HOSTILE[5]: random.choice(["a", "b"], rows),
            }
        )
        statistics = tfdv.generate_statistics_from_dataframe(table)
        target = folder / "statistics" / f"Split-{split}" / "FeatureStats.pb"
        target.parent.mkdir(parents=True)
        target.write_bytes(statistics.SerializeToString())
        if split == "train":
            schema = tfdv.infer_schema(statistics)
    (folder / "schema").mkdir()
    text = text_format.MessageToString(schema)
    (folder / "schema" / "schema.pbtxt").write_text(text, "utf-8")

    history = [
        {"loss": 1 / n, "val_loss": 1 / n + 0.01 * n, "accuracy": 1 - 1 / n, "seconds": 1.5}
        for n in range(1, 9)
    ]
    write_history(folder / "model_run", history)
    bars = [("good film", 2.0), (HOSTILE[0], 1.0), (HOSTILE[2], -1.0), (HOSTILE[1], -2.0)]
    write_insight(folder / "model_run", "a", Insight("Words", "What weighs most.", bars))
    pictures = [(f"unit {n}", np.full((20, 20), 40 * n, np.uint8)) for n in range(4)]
    write_insight(folder / "model_run", "b", Insight("Filters", "Pictures.", images=pictures))
    return folder


@pytest.fixture(scope="session")
def evidence(artifacts: Path) -> Callable[..., Evidence]:
    """Creates the evidence of a run. Keywords change fields of `summary` and `declaration`."""

    def make(*, declaration: Any = (), **summary: Any) -> Evidence:
        made = Evidence(
            run_id="census-1",
            declaration={
                "name": "census",
                "title": "Wide & deep",
                "sections": list(BINARY.sections),
                "better": {metric.name: metric.better for metric in BINARY.metrics.metrics},
                "classes": ["no", "yes"],
                "thresholds": [{"metric": "accuracy", "limit": 0.8, "max_drop": 0.01}],
                "fairness_slices": [["gender"]],
                "reference_metrics": {"accuracy": 0.8543},
                "reference_digest": "",
                "model_card": {"Use": "Tests."},
                "data": "embedded sample",
                "parameters": {"epochs": 8, "hidden_units": [16, 4]},
                "seed": 0,
                "version": "0.1.0",
                **dict(declaration),
            },
            content="0123456789abcdef",
            summary={
                "gate_passed": True,
                "anomalies": [],
                "blessed": True,
                "pushed_model": "/serving/census/1",
                "metrics": {"accuracy": 0.86321, "auc": 0.9, "example_count": 1000.0},
                "baseline": {"accuracy": 0.85, "auc": 0.89, "example_count": 1000.0},
                "slices": {
                    "gender=Female": {"accuracy": 0.6, "auc": 0.88, "example_count": 400.0},
                    "gender=Male": {"accuracy": 0.91234, "auc": None, "example_count": 600.0},
                },
                "failures": [],
                "errors": [],
                "confusion": [],
                "reference_metrics": {"accuracy": 0.8543},
                **summary,
            },
            scores=_scores(),
            samples={},
            nodes=_nodes(artifacts),
            statistics=artifacts / "statistics",
            previous_statistics=None,
            schema=artifacts / "schema",
            model_run=artifacts / "model_run",
        )
        return made if made.summary["metrics"] else replace(made, scores=[], model_run=None)

    return make


def _scores() -> list[Any]:
    random = np.random.default_rng(0)
    rows = []
    for model in ("this model", "baseline"):
        for name, size in (("", 1000), ("gender=Female", 400), ("gender=Male", 600)):
            for score in np.arange(0, 1, 0.02).round(2):
                counts = random.poisson(size / 50 * np.array([1 - score, score]))
                rows.append(
                    {
                        "model": model,
                        "slice": name,
                        "score": float(score),
                        "negatives": float(counts[0]),
                        "positives": float(counts[1]),
                    }
                )
    return rows


def _nodes(folder: Path) -> list[Node]:
    start = datetime(2026, 1, 1, tzinfo=timezone.utc)
    names = ("CsvExampleGen", "StatisticsGen", "Trainer")
    return [
        Node(
            node_id=name,
            state="cached" if number == 1 else "run",
            started=start + timedelta(seconds=3 * number),
            seconds=2.5,
            cpu_seconds=2.0,
            peak_memory=10**9,
            inputs=(Artifact(number, "in", "Examples", str(folder)),),
            artifacts=(
                Artifact(
                    number + 1,
                    "model_run" if name == "Trainer" else "out",
                    "ModelRun",
                    str(folder / "model_run"),
                ),
            ),
        )
        for number, name in enumerate(names)
    ]
