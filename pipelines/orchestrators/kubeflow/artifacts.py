"""Hands the results of a run to Kubeflow Pipelines as artifacts. Runs in the image, without kfp.

    python -m pipelines.orchestrators.kubeflow.artifacts PLAN RUN --report FILE --model FOLDER INPUT

Copies the report and the pushed model to where Kubeflow Pipelines expects the files of its
artifacts, and writes the metrics to the file that it reads after the task. INPUT is the
component's executor input: JSON with the name and the address of each artifact.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
from pathlib import Path
from typing import Any

from pipelines import compiled_plan
from pipelines.records import history
from pipelines.records.history import Run


def publish(run: Run, executor_input: dict[str, Any], report: Path, model: Path) -> list[str]:
    """Writes the artifacts that the run has.

    Args:
        run: A finished run. One that was refused has no model, and may have no metrics.
        executor_input: The component's executor input.
        report: The file to copy the report to.
        model: The folder to copy the pushed model to.

    Returns:
        The names of the artifacts.
    """
    found: dict[str, dict[str, Any]] = {}
    if metrics := run.summary.get("metrics"):
        # JSON has no other numbers.
        found["metrics"] = {name: value for name, value in metrics.items() if math.isfinite(value)}
    if run.page and run.page.exists():
        report.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(run.page, report)
        found["report"] = {"run": run.run_id}
    if run.pushed_model:
        shutil.copytree(run.pushed_model, model, dirs_exist_ok=True)
        found["model"] = {
            "framework": "TensorFlow SavedModel",
            "version": run.pushed_model.name,
            "pushed_to": str(run.pushed_model),
        }
    outputs = executor_input["outputs"]
    given = {name: outputs["artifacts"][name]["artifacts"][0] for name in found}
    artifacts = {
        name: {
            "artifacts": [
                {"name": given[name]["name"], "uri": given[name]["uri"], "metadata": metadata}
            ]
        }
        for name, metadata in found.items()
    }
    file = Path(outputs["outputFile"])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"artifacts": artifacts}), encoding="utf-8")
    return list(found)


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", type=Path)
    parser.add_argument("run_id")
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("executor_input", type=json.loads)
    arguments = parser.parse_args()
    root = compiled_plan.read(arguments.plan).root
    (run,) = history.named(root, [arguments.run_id])
    names = publish(run, arguments.executor_input, arguments.report, arguments.model)
    print(f"Artifacts of {run.run_id}: {', '.join(names) or 'none'}")


if __name__ == "__main__":
    main()
