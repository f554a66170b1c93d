"""The kinds of task. Nothing else in the project asks which kind a pipeline has."""

from pipelines.tasks.binary import BINARY
from pipelines.tasks.multiclass import MULTICLASS
from pipelines.tasks.regression import REGRESSION
from pipelines.tasks.task import Task

__all__ = ["BINARY", "MULTICLASS", "REGRESSION", "Task"]
