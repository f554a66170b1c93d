"""The Evaluator."""

from __future__ import annotations

from tfx import components
from tfx.dsl.components.base import executor_spec

from components.evaluator.executor import EvaluatorExecutor


class Evaluator(components.Evaluator):
    """TFX's Evaluator, except that its executor can be loaded on its own."""

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(EvaluatorExecutor)
