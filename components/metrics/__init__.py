"""The Evaluator's metrics: their names and directions. Imports without TFMA."""

from __future__ import annotations

from typing import Literal, NamedTuple

Direction = Literal["higher", "lower"]


class Metric(NamedTuple):
    """A metric.

    Attributes:
        name: Its name in TFMA's output, in thresholds, and in reports.
        better: Which values are better. None where neither is, as for a count of rows.
    """

    name: str
    better: Direction | None = None


class MetricGroup(NamedTuple):
    """Metrics that one TFMA metric class computes.

    Attributes:
        module: The import path of the class's module.
        class_name: The class, a `tfma.metrics.Metric`.
        metrics: The metrics it computes, by the `name` it is given.
    """

    module: str
    class_name: str
    metrics: tuple[Metric, ...]


BINARY = MetricGroup(
    "components.metrics.binary",
    "BinaryMetric",
    (
        Metric("accuracy", "higher"),
        Metric("auc", "higher"),
        Metric("auc_pr", "higher"),
        Metric("precision", "higher"),
        Metric("recall", "higher"),
        Metric("loss", "lower"),
        Metric("calibration"),
        Metric("example_count"),
    ),
)
"""The metrics of a binary classifier."""

SCORE_BUCKETS = MetricGroup("components.metrics.binary", "ScorePlot", (Metric("score_buckets"),))
"""The plot of a binary classifier."""

MULTICLASS = MetricGroup(
    "components.metrics.multiclass",
    "MulticlassMetric",
    (
        Metric("accuracy", "higher"),
        Metric("macro_f1", "higher"),
        Metric("top_2_accuracy", "higher"),
        Metric("loss", "lower"),
        Metric("example_count"),
    ),
)
"""The metrics of a classifier of more than two classes."""

CONFUSION_MATRIX = MetricGroup(
    "components.metrics.multiclass", "ConfusionPlot", (Metric("confusion_matrix"),)
)
"""The plot of a classifier of more than two classes."""

SIGNAL_EFFICIENCY = MetricGroup(
    "components.metrics.signal_efficiency",
    "SignalEfficiency",
    (
        Metric("signal_efficiency_at_rejection_90", "higher"),
        Metric("signal_efficiency_at_rejection_99", "higher"),
    ),
)
"""The metrics of a search for a rare signal among background."""

REGRESSION = MetricGroup(
    "components.metrics.regression",
    "RegressionMetric",
    (
        Metric("rmse", "lower"),
        Metric("mae", "lower"),
        Metric("r2", "higher"),
        Metric("mean_bias"),
        Metric("mape", "lower"),
        Metric("example_count"),
    ),
)
"""The metrics of a regression."""

SAMPLE = "prediction_sample"
"""The name of the metric that samples labels and predictions."""

PREDICTION_SAMPLE = MetricGroup(
    "components.metrics.regression", "PredictionSample", (Metric(SAMPLE),)
)
"""The sample for the plots and intervals of a regression."""

WORST_ROWS = "worst_rows"
"""The name of the metrics that collect rows."""

MOST_CONFIDENT_ERRORS = MetricGroup(
    "components.metrics.worst_rows", "MostConfidentErrors", (Metric(WORST_ROWS),)
)
"""The rows that a classifier is most confidently wrong about."""

LARGEST_ERRORS = MetricGroup(
    "components.metrics.worst_rows", "LargestErrors", (Metric(WORST_ROWS),)
)
"""The rows with the largest errors of a regression."""
