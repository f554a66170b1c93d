"""The kinds of task. No other code depends on the kind of a pipeline."""

from pipelines.tasks.binary import BINARY
from pipelines.tasks.multiclass import MULTICLASS
from pipelines.tasks.regression import REGRESSION
from pipelines.tasks.task import Task

__all__ = ["BINARY", "MULTICLASS", "REGRESSION", "Task"]
