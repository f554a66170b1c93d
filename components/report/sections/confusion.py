"""The confusion matrix."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np

from components.report import charts
from components.report.evidence import Evidence, Section

_CELL = 30  # pixels


def build(run: Evidence) -> Section | None:
    """Builds the section."""
    if not run.summary["confusion"]:
        return None
    counts = np.array(run.summary["confusion"])
    names = run.declaration["classes"]
    rows = [
        {
            "true": names[true],
            "predicted": names[predicted],
            "rows": int(count),
            "share": count / max(1, counts[true].sum()),
            "wrong": true != predicted,
        }
        for (true, predicted), count in np.ndenumerate(counts)
    ]
    base = (
        alt.Chart(alt.Data(values=rows))
        .encode(
            x=alt.X(
                "predicted:N", sort=names, title="predicted class", axis=alt.Axis(labelAngle=0)
            ),
            y=alt.Y("true:N", sort=names, title="true class"),
            tooltip=["true:N", "predicted:N", "rows:Q", alt.Tooltip("share:Q", format=".2%")],
        )
        .properties(title=alt.TitleParams("Confusion matrix"))
    )
    # By opacity, so that an empty cell has the color of the page, light or dark.
    shades = base.mark_rect(color="#225588").encode(
        opacity=alt.Opacity(
            "share:Q",
            scale=alt.Scale(type="symlog", constant=0.01, domain=[0, 1], range=[0, 1]),
            legend=None,
        )
    )
    texts = (
        base.transform_filter("datum.rows > 0")
        .mark_text(fontSize=11)
        .encode(
            text="rows:Q",
            # Elsewhere, the color of the page's text.
            color=alt.Color(condition={"test": "datum.share > 0.02", "value": "#ffffff"}),
        )
    )
    chart = charts.stepped(alt.layer(shades, texts), _CELL, len(names))
    return Section(
        "Classes", "confusion.html.j2", {"classes": _by_class(counts, names)}, {"confusion": chart}
    )


def _by_class(counts: np.ndarray, names: list[str]) -> list[dict[str, Any]]:
    """Returns the metrics of each class; None if it has no true or no predicted rows."""
    right = counts.diagonal()
    return [
        {
            "name": name,
            "rows": int(rows),
            "precision": correct / predicted if predicted else None,
            "recall": correct / rows if rows else None,
            "f1": 2 * correct / (rows + predicted) if rows + predicted else None,
        }
        for name, correct, rows, predicted in zip(
            names, right, counts.sum(axis=1), counts.sum(axis=0), strict=True
        )
    ]
