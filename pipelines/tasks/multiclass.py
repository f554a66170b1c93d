"""Classification into more than two classes."""

from components import metrics
from pipelines.tasks.task import Task
from schemas.reader import domain

MULTICLASS = Task(
    name="multiclass",
    metrics=metrics.MULTICLASS,
    plots=(metrics.CONFUSION_MATRIX,),
    worst_rows=metrics.MOST_CONFIDENT_ERRORS,
    sections=(
        "verdict",
        "metrics",
        "confusion",
        "slices",
        "training",
        "insights",
        "errors",
        "data",
        "lineage",
    ),
    outputs={"scores": "float32 [n, classes]", "classes": "string [n, classes]"},
    classes=domain,
    label_check="components.data_gate.classes.missing_classes",
    stock_metrics={
        "accuracy": ("SparseCategoricalAccuracy", {}),
        "loss": ("SparseCategoricalCrossentropy", {}),
        "confusion_matrix": ("MultiClassConfusionMatrixPlot", {}),
    },
)
