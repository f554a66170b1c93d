"""What the model has learned, from the files of its trainer."""

from __future__ import annotations

import json

import altair as alt

from components.report import charts
from components.report.evidence import Evidence, Section
from trainer_modules.shared.files import INSIGHTS_FOLDER

_BAR = 18  # pixels


def build(run: Evidence) -> Section | None:
    """Builds the section."""
    if run.model_run is None:
        return None
    files = sorted((run.model_run / INSIGHTS_FOLDER).glob("*.json"))
    insights = [json.loads(file.read_text("utf-8")) for file in files]
    if not insights:
        return None
    specifications = {}
    for number, insight in enumerate(insights):
        if insight["bars"]:
            specifications[f"insight {number}"] = charts.stepped(
                _bars(insight["bars"]), _BAR, len(insight["bars"])
            )
    return Section(
        "What the model has learned", "insights.html.j2", {"insights": insights}, specifications
    )


def _bars(bars: list[tuple[str, float]]) -> alt.Chart:
    # Two bars may have the same label.
    rows = [
        {"place": f"{n}", "label": label, "value": value} for n, (label, value) in enumerate(bars)
    ]
    names = {row["place"]: row["label"] for row in rows}
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_bar()
        .encode(
            x=alt.X("value:Q", title=None, axis=alt.Axis(tickCount=8)),
            y=alt.Y(
                "place:N",
                sort=None,
                title=None,
                axis=alt.Axis(
                    labelExpr=f"({json.dumps(names)})[datum.value]", labelLimit=180, ticks=False
                ),
            ),
            color=alt.condition("datum.value < 0", alt.value("#ee6677"), alt.value("#4477aa")),
            tooltip=[alt.Tooltip("label:N"), alt.Tooltip("value:Q", format=".4f")],
        )
    )
