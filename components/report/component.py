"""The report."""

import json
from pathlib import Path

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts
from tfx.types.artifact import Artifact

from components.data_gate.component import VERDICT_FILE, GateVerdict
from components.report import PAGE_FILE, SUMMARY_FILE


class RunReport(Artifact):
    """SUMMARY_FILE for programs and PAGE_FILE for people."""

    TYPE_NAME = "RunReport"


@component
def Report(
    verdict: InputArtifact[GateVerdict],
    report: OutputArtifact[RunReport],
    declaration: Parameter[str],
    code: Parameter[str],
    evaluation: InputArtifact[standard_artifacts.ModelEvaluation] = None,
    blessing: InputArtifact[standard_artifacts.ModelBlessing] = None,
    pushed_model: InputArtifact[standard_artifacts.PushedModel] = None,
) -> None:
    """Writes what the run came to, also of one that the data gate stopped.

    Args:
        verdict: The data gate's.
        report: Gets SUMMARY_FILE and PAGE_FILE.
        declaration: JSON object with the tutorial's `name`, `title`, `published`, `thresholds` and
            `data`.
        code: Fingerprint of this component's source; part of the cache key.
        evaluation: Evaluator's; absent behind a closed gate, as are the next two.
        blessing: Evaluator's.
        pushed_model: Pusher's.
    """
    from components.report.page import render
    from components.report.summary import Summary, read_evaluation

    del code
    anomalies = json.loads(Path(verdict.uri, VERDICT_FILE).read_text(encoding="utf-8"))
    pushed = pushed_model is not None and bool(pushed_model.get_int_custom_property("pushed"))
    summary: Summary = {
        "gate_passed": bool(verdict.get_int_custom_property("passed")),
        "anomalies": anomalies,
        "blessed": blessing is not None and bool(blessing.get_int_custom_property("blessed")),
        "pushed_model": (
            pushed_model.get_string_custom_property("pushed_destination") if pushed else None
        ),
        **read_evaluation(evaluation.uri if evaluation is not None else None),
    }
    folder = Path(report.uri)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SUMMARY_FILE).write_text(json.dumps(summary, indent=2), encoding="utf-8")
    (folder / PAGE_FILE).write_text(render(json.loads(declaration), summary), encoding="utf-8")
