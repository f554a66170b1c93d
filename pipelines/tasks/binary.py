"""Classification into two classes. The second one is the positive class."""

from components import metrics
from pipelines.tasks.task import Task
from schemas.reader import domain

BINARY = Task(
    name="binary",
    metrics=metrics.BINARY,
    plots=(metrics.SCORE_BUCKETS,),
    worst_rows=metrics.MOST_CONFIDENT_ERRORS,
    sections=(
        "verdict",
        "metrics",
        "scores",
        "slices",
        "fairness",
        "training",
        "insights",
        "errors",
        "data",
        "lineage",
    ),
    outputs={"scores": "float32 [n, 2]", "classes": "string [n, 2]"},
    classes=domain,
    label_check="components.data_gate.classes.missing_classes",
    stock_metrics={
        "accuracy": ("BinaryAccuracy", {}),
        "loss": ("BinaryCrossEntropy", {}),
        "auc": ("AUC", {}),
        "auc_pr": ("AUCPrecisionRecall", {}),
        "precision": ("Precision", {}),
        "recall": ("Recall", {}),
        "calibration": ("Calibration", {}),
        "signal_efficiency_at_rejection_90": ("SensitivityAtSpecificity", {"specificity": 0.9}),
        "signal_efficiency_at_rejection_99": ("SensitivityAtSpecificity", {"specificity": 0.99}),
    },
    # Without it, TFMA flattens the two classes, and its metrics are wrong.
    stock_options={"binarize": {"class_ids": {"values": [1]}}},
)
