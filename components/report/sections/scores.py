"""The scores of a binary classifier, at every threshold and in every slice."""

from __future__ import annotations

from typing import Any

import altair as alt

from components.report import charts
from components.report.evidence import Evidence, Section
from components.report.intervals import buckets
from components.report.summary import BASELINE, CANDIDATE
from components.report.thresholds import count

SCORES = "scores"
"""The data set that the charts share: see `components.report.summary.ScoreBucket`."""

_THRESHOLDS = [number / 10 for number in range(1, 10)]
_SLICE = charts.parameter(charts.SLICE, "")
_THRESHOLD = charts.parameter(charts.THRESHOLD, 0.5)
_OF_SLICE = f"datum.slice === {charts.SLICE}"
# Where the two curves coincide, the lower one shows between the dashes.
_DASH = alt.StrokeDash(
    "model:N", scale=alt.Scale(domain=[CANDIDATE, BASELINE], range=[[1, 0], [5, 4]]), legend=None
)
_PERCENT = alt.Axis(format="%")


def build(run: Evidence) -> Section | None:
    """Builds the section."""
    if not run.scores:
        return None
    negative, positive = run.declaration["classes"]
    compared = any(row["model"] == BASELINE for row in run.scores)
    model = charts.color("model", (CANDIDATE, BASELINE))
    if not compared:
        model = model.legend(None)
    drawn = {
        "roc": _roc(model),
        "precision and recall": _precision_recall(model),
        "calibration": _calibration(model),
        "scores": _scores(negative, positive),
        "at the threshold": _at_threshold(model),
    }
    return Section(
        "Scores",
        "scores.html.j2",
        {
            "slices": sorted({row["slice"] for row in run.scores}),
            "thresholds": _threshold_table(run),
            "positive": positive,
        },
        {name: charts.specification(chart) for name, chart in drawn.items()},
    )


def _chart(title: str) -> alt.Chart:
    return (
        alt.Chart(alt.NamedData(SCORES))
        .transform_filter(_OF_SLICE)
        .properties(title=alt.TitleParams(title))
    )


def _at_each_threshold(chart: alt.Chart) -> alt.Chart:
    """Adds the rates for a threshold at each bucket's lower bound."""
    return (
        chart.transform_joinaggregate(
            all_positives="sum(positives)", all_negatives="sum(negatives)", groupby=["model"]
        )
        .transform_window(
            true_positives="sum(positives)",
            false_positives="sum(negatives)",
            sort=[alt.SortField("score", order="descending")],
            groupby=["model"],
            frame=[None, 0],
        )
        .transform_calculate(
            recall="datum.true_positives / datum.all_positives",
            false_rate="datum.false_positives / datum.all_negatives",
            precision="datum.true_positives / (datum.true_positives + datum.false_positives)",
        )
    )


def _at_chosen_threshold(chart: alt.Chart) -> alt.Chart:
    """Adds the rates for the chosen threshold, by model."""
    return (
        chart.transform_calculate(
            true_positive=f"datum.score >= {charts.THRESHOLD} ? datum.positives : 0",
            false_positive=f"datum.score >= {charts.THRESHOLD} ? datum.negatives : 0",
        )
        .transform_aggregate(
            tp="sum(true_positive)",
            fp="sum(false_positive)",
            p="sum(positives)",
            n="sum(negatives)",
            groupby=["model"],
        )
        .transform_calculate(
            recall="datum.tp / datum.p",
            false_rate="datum.fp / datum.n",
            # With rows of one class only, it is 0 or 1 whatever the model does.
            precision="datum.p && datum.n ? datum.tp / (datum.tp + datum.fp) : null",
            accuracy="(datum.tp + datum.n - datum.fp) / (datum.p + datum.n)",
            selected="(datum.tp + datum.fp) / (datum.p + datum.n)",
        )
    )


def _curve(
    model: alt.Color, title: str, x: str, y: str, x_title: str, y_title: str
) -> alt.LayerChart:
    tooltip = [
        "model:N",
        alt.Tooltip("score:Q", title="threshold", format=".3f"),
        alt.Tooltip(f"{x}:Q", title=x_title, format=".4f"),
        alt.Tooltip(f"{y}:Q", title=y_title, format=".4f"),
    ]
    across = alt.X(f"{x}:Q", title=x_title, axis=_PERCENT, scale=alt.Scale(domain=[0, 1]))
    up = alt.Y(f"{y}:Q", title=y_title, axis=_PERCENT, scale=alt.Scale(domain=[0, 1]))
    base = _chart(title)
    line = (
        _at_each_threshold(base)
        .mark_line(interpolate="linear")
        .encode(
            x=across,
            y=up,
            color=model,
            strokeDash=_DASH,
            order=alt.Order("score:Q", sort="descending"),
            tooltip=tooltip,
        )
    )
    hover = (
        _at_each_threshold(base)
        .mark_point(size=60, opacity=0)
        .encode(x=across, y=up, color=model, tooltip=tooltip)
    )
    chosen = (
        _at_chosen_threshold(base)
        .mark_point(size=90, filled=True)
        .encode(x=across, y=up, color=model, tooltip=["model:N", *tooltip[2:]])
    )
    return alt.layer(line, hover, chosen).add_params(_SLICE, _THRESHOLD)


def _roc(model: alt.Color) -> Any:
    return _curve(model, "ROC", "false_rate", "recall", "false positive rate", "true positive rate")


def _precision_recall(model: alt.Color) -> Any:
    return _curve(model, "Precision and recall", "recall", "precision", "recall", "precision")


def _calibration(model: alt.Color) -> Any:
    base = (
        _chart("Calibration")
        .transform_calculate(
            bin="min(floor(datum.score * 10), 9) / 10",
            rows="datum.positives + datum.negatives",
            sum="(datum.positives + datum.negatives) * (datum.score + 0.001)",
        )
        .transform_aggregate(
            rows="sum(rows)", sum="sum(sum)", positives="sum(positives)", groupby=["model", "bin"]
        )
        .transform_calculate(
            predicted="datum.sum / datum.rows", observed="datum.positives / datum.rows"
        )
    )
    share = alt.Scale(domain=[0, 1])
    points = base.mark_line(point=alt.OverlayMarkDef(filled=True, size=50)).encode(
        x=alt.X("predicted:Q", title="mean score", scale=share, axis=_PERCENT),
        y=alt.Y("observed:Q", title="share of positives", scale=share, axis=_PERCENT),
        color=model,
        strokeDash=_DASH,
        tooltip=[
            "model:N",
            alt.Tooltip("predicted:Q", title="mean score", format=".3f"),
            alt.Tooltip("observed:Q", title="share of positives", format=".3f"),
            alt.Tooltip("rows:Q", format=",.0f"),
        ],
    )
    ideal = (
        alt.Chart(alt.Data(values=[{"at": 0}, {"at": 1}]))
        .mark_line(strokeDash=[4, 4], color="#888888")
        .encode(x=alt.X("at:Q", title="mean score"), y=alt.Y("at:Q", title="share of positives"))
    )
    return alt.layer(ideal, points).add_params(_SLICE)


def _scores(negative: str, positive: str) -> Any:
    bars = (
        _chart("Scores of this model")
        .transform_filter(f"datum.model === '{CANDIDATE}'")
        .transform_fold(["negatives", "positives"], as_=["kind", "rows"])
        .transform_calculate(
            bin="min(floor(datum.score * 25 + 1e-9), 24) / 25",
            end="min(floor(datum.score * 25 + 1e-9), 24) / 25 + 0.04",
            label=alt.expr.if_(alt.datum.kind == "positives", positive, negative),
        )
        .transform_aggregate(rows="sum(rows)", groupby=["bin", "end", "label"])
        .mark_bar(opacity=0.6)
        .encode(
            x=alt.X(
                "bin:Q",
                bin="binned",
                title="score",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(values=[0, 0.2, 0.4, 0.6, 0.8, 1]),  # all fit on a phone
            ),
            x2="end:Q",
            y=alt.Y("rows:Q", title="rows", stack=None),
            color=charts.color("label", (negative, positive)),
            tooltip=["label:N", alt.Tooltip("bin:Q", title="score from"), "rows:Q"],
        )
    )
    rule = (
        alt.Chart(alt.Data(values=[{}]))
        .mark_rule(strokeDash=[4, 4], color="#888888")
        .encode(x=alt.X(datum=alt.expr(charts.THRESHOLD), type="quantitative"))
    )
    return alt.layer(bars, rule).add_params(_SLICE, _THRESHOLD)


def _at_threshold(model: alt.Color) -> Any:
    names = {
        "accuracy": "accuracy",
        "precision": "precision",
        "recall": "recall",
        "false_rate": "false positive rate",
        "selected": "selection rate",
    }
    base = (
        _at_chosen_threshold(_chart("At the threshold"))
        .transform_fold(list(names), as_=["field", "value"])
        .transform_lookup(
            lookup="field",
            from_=alt.LookupData(
                alt.Data(values=[{"field": key, "metric": name} for key, name in names.items()]),
                "field",
                ["metric"],
            ),
        )
        .encode(
            y=alt.Y(
                "metric:N", title=None, sort=list(names.values()), axis=alt.Axis(labelLimit=200)
            ),
            yOffset=alt.YOffset("model:N", sort=[CANDIDATE, BASELINE]),
            # With room for the number after a bar.
            x=alt.X("value:Q", title=None, axis=_PERCENT, scale=alt.Scale(domain=[0, 1.15])),
            tooltip=["model:N", "metric:N", alt.Tooltip("value:Q", format=".4f")],
        )
    )
    bars = base.mark_bar().encode(color=model)
    texts = base.mark_text(align="left", dx=4).encode(text=alt.Text("value:Q", format=".3f"))
    return alt.layer(bars, texts).add_params(_SLICE, _THRESHOLD)


def _threshold_table(run: Evidence) -> list[dict[str, float | None]]:
    scores = buckets(run, "")
    rows: list[dict[str, float | None]] = []
    for threshold in _THRESHOLDS:
        found = count(scores, threshold)
        rows.append(
            {
                "threshold": threshold,
                "accuracy": found.accuracy,
                "precision": found.precision,
                "recall": found.recall,
                "false positive rate": found.false_positive_rate,
                "selection rate": found.selection_rate,
            }
        )
    return rows
