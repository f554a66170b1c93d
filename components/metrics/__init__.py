"""The Evaluator's metrics. Imports without TFMA."""

BINARY = (
    "accuracy",
    "auc",
    "auc_pr",
    "precision",
    "recall",
    "loss",
    "calibration",
    "example_count",
)
"""Names of the metrics of a binary classifier."""

SCORES = "score_buckets"
"""Name of the plot of a binary classifier."""

MULTICLASS = ("accuracy", "macro_f1", "top_2_accuracy", "loss", "example_count")
"""Names of the metrics of a classifier of more than two classes."""

SIGNAL_EFFICIENCY = ("signal_efficiency_at_rejection_90", "signal_efficiency_at_rejection_99")
"""Names of the metrics of a search for rare signals among background."""

ERRORS = "most_confident_errors"
"""Name of the metric that collects rows."""

CONFUSION = "confusion_matrix"
"""Name of the plot of a classifier of more than two classes."""
