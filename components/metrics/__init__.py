"""TFMA metrics that TFMA lacks, or computes slowly. Imports without TFMA."""

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
"""What `components.metrics.binary` computes."""
