"""The report."""

import json
from pathlib import Path

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts
from tfx.types.artifact import Artifact

from components.data_gate import VERDICT_FILE
from components.data_gate.component import GateVerdict
from components.report import PAGE_FILE, SUMMARY_FILE


class RunReport(Artifact):
    """A folder with SUMMARY_FILE, for programs, and PAGE_FILE, for people."""

    TYPE_NAME = "RunReport"


@component
def Report(
    examples: InputArtifact[standard_artifacts.Examples],
    statistics: InputArtifact[standard_artifacts.ExampleStatistics],
    schema: InputArtifact[standard_artifacts.Schema],
    verdict: InputArtifact[GateVerdict],
    report: OutputArtifact[RunReport],
    declaration: Parameter[str],
    run_id: Parameter[str],
    code: Parameter[str],
    model_run: InputArtifact[standard_artifacts.ModelRun] = None,
    evaluation: InputArtifact[standard_artifacts.ModelEvaluation] = None,
    blessing: InputArtifact[standard_artifacts.ModelBlessing] = None,
    pushed_model: InputArtifact[standard_artifacts.PushedModel] = None,
) -> None:
    """Writes the results of a run, including one that the data gate stopped.

    Args:
        examples: The output of ExampleGen.
        statistics: The output of StatisticsGen.
        schema: The curated schema.
        verdict: The output of the data gate.
        report: Receives SUMMARY_FILE and PAGE_FILE.
        declaration: The JSON of `components.report.evidence.Declaration`.
        run_id: The run's name in ML Metadata.
        code: The fingerprint of this component's source; part of the cache key.
        model_run: The Trainer's second output. Absent if the gate is closed, as are the next three.
        evaluation: The output of the Evaluator.
        blessing: The Evaluator's second output.
        pushed_model: The output of the Pusher.
    """
    from components.example_gen.content import recorded_content
    from components.example_gen.digest import recorded_digest
    from components.metadata_connection import current_store
    from components.report.evidence import Evidence
    from components.report.lineage import nodes_before, previous_artifact
    from components.report.page import report as render
    from components.report.sections.verdict import checks, facts
    from components.report.summary import FullSummary, Summary, read_evaluation

    del code
    declared = json.loads(declaration)
    digest = recorded_digest(examples)
    official = bool(digest) and digest == declared["reference_digest"]
    store = current_store()
    anomalies = json.loads(Path(verdict.uri, VERDICT_FILE).read_text(encoding="utf-8"))
    pushed = pushed_model is not None and bool(pushed_model.get_int_custom_property("pushed"))
    evaluated, predictions = read_evaluation(evaluation.uri if evaluation is not None else None)
    summary: Summary = {
        "gate_passed": bool(verdict.get_int_custom_property("passed")),
        "anomalies": anomalies,
        "blessed": blessing is not None and bool(blessing.get_int_custom_property("blessed")),
        "pushed_model": (
            pushed_model.get_string_custom_property("pushed_destination") if pushed else None
        ),
        "reference_metrics": declared["reference_metrics"] if official else {},
        **evaluated,
    }
    evidence = Evidence(
        run_id=run_id,
        declaration=declared,
        content=recorded_content(examples),
        summary=summary,
        scores=predictions.scores,
        samples=predictions.samples,
        nodes=nodes_before(store, run_id, "Report"),
        statistics=Path(statistics.uri),
        previous_statistics=previous_artifact(store, statistics.id),
        schema=Path(schema.uri),
        model_run=Path(model_run.uri) if model_run is not None else None,
    )
    full: FullSummary = {**summary, "checks": checks(evidence), "facts": facts(evidence)}
    folder = Path(report.uri)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SUMMARY_FILE).write_text(json.dumps(full, indent=2), encoding="utf-8")
    (folder / PAGE_FILE).write_text(render(evidence, folder), encoding="utf-8")
