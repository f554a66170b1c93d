"""The data gate."""

import json
from importlib import import_module
from pathlib import Path

from tensorflow_metadata.proto.v0 import anomalies_pb2
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import artifact_utils, standard_artifacts
from tfx.types.artifact import Artifact

from components.data_gate import VERDICT_FILE


class GateVerdict(Artifact):
    """Whether the data may be trained on: custom property `passed`, 1 or 0, and VERDICT_FILE."""

    TYPE_NAME = "GateVerdict"


@component
def DataGate(
    anomalies: InputArtifact[standard_artifacts.ExampleAnomalies],
    statistics: InputArtifact[standard_artifacts.ExampleStatistics],
    verdict: OutputArtifact[GateVerdict],
    label: Parameter[str],
    label_check: Parameter[str],
    classes: Parameter[str],
    allowed: Parameter[str],
    code: Parameter[str],
) -> None:
    """Decides from the anomalies and the labels of all splits whether the data may be trained on.

    Like TFX's Evaluator, it does not fail on bad data but returns a verdict. The nodes after it are
    conditional on `passed`, so every orchestrator skips them, and the report shows the verdict.

    Args:
        anomalies: ExampleValidator's output.
        statistics: StatisticsGen's output.
        verdict: The verdict: `passed`, and a JSON list of the anomalies, each with `split`,
            `feature`, `type`, `what`, `severity`, and `allowed`.
        label: The label's name; "" if rows have no label.
        label_check: The import path of a function from the statistics by split, the label, and its
            classes to anomalies; "" for no check.
        classes: A JSON list of the label's classes.
        allowed: A JSON object, feature -> names of anomaly types that are only warnings.
        code: The fingerprint of this component's source, as a part of the cache key.
    """
    del code
    splits = artifact_utils.decode_split_names(anomalies.split_names)
    found = [
        {**anomaly, "split": split}
        for split in splits
        for anomaly in read_anomalies(
            Path(artifact_utils.get_split_uri([anomalies], split), "SchemaDiff.pb").read_bytes(),
            json.loads(allowed),
        )
    ]
    if label_check:
        module, _, name = label_check.rpartition(".")
        by_split = {
            split: Path(
                artifact_utils.get_split_uri([statistics], split), "FeatureStats.pb"
            ).read_bytes()
            for split in splits
        }
        found += getattr(import_module(module), name)(by_split, label, json.loads(classes))
    Path(verdict.uri).mkdir(parents=True, exist_ok=True)
    Path(verdict.uri, VERDICT_FILE).write_text(json.dumps(found, indent=2), encoding="utf-8")
    verdict.set_int_custom_property("passed", int(all(a["allowed"] for a in found)))


def read_anomalies(serialized: bytes, allowed: dict[str, list[str]]) -> list[dict[str, str | bool]]:
    """Lists the anomalies of one split.

    Args:
        serialized: A `tensorflow.metadata.v0.Anomalies`.
        allowed: Feature -> names of anomaly types that are only warnings.

    Returns:
        One dict per reason: `feature` ("" for the whole data set), `type`, `what`, `severity`,
        and `allowed`.
    """
    proto = anomalies_pb2.Anomalies.FromString(serialized)
    infos = [(name, info) for name, info in sorted(proto.anomaly_info.items())]
    if proto.HasField("dataset_anomaly_info"):
        infos.append(("", proto.dataset_anomaly_info))
    result: list[dict[str, str | bool]] = []
    for name, info in infos:
        severity = anomalies_pb2.AnomalyInfo.Severity.Name(info.severity)
        for reason in info.reason:
            kind = anomalies_pb2.AnomalyInfo.Type.Name(reason.type)
            result.append(
                {
                    "feature": name,
                    "type": kind,
                    # TFDV joins its sentences with two spaces.
                    "what": " ".join(reason.description.split()),
                    "severity": severity,
                    "allowed": kind in allowed.get(name, []),
                }
            )
    return result
