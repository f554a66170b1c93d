"""The rows with the largest errors of a regression."""

from __future__ import annotations

from typing import Any

from components.report.evidence import Evidence, Section
from components.report.sections.errors import texts


def build(run: Evidence) -> Section | None:
    """Builds the section."""
    errors = run.summary["errors"]
    if not errors:
        return None
    return Section(
        "Largest errors",
        "largest_errors.html.j2",
        {"rows": [_row(error) for error in errors], "features": [*errors[0]["features"]]},
        {},
    )


def _row(error: dict[str, Any]) -> dict[str, Any]:
    label, predicted = error["label"], error["predicted"]
    return {
        "label": label,
        "predicted": predicted,
        "residual": None if predicted is None else predicted - label,
        "texts": texts(error["features"]),
    }
