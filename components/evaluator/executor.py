"""Executor of the Evaluator."""

from __future__ import annotations

import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.proto import config_pb2

# TFMA 0.52 lacks its own config messages, because it ignores an error of an import. TFX adds them,
# but only in a process that imports all of its components, which takes seconds.
for _name in config_pb2.DESCRIPTOR.message_types_by_name:
    if not hasattr(tfma, _name):
        setattr(tfma, _name, getattr(config_pb2, _name))

from tfx.components.evaluator import executor  # noqa: E402  # uses them


class EvaluatorExecutor(executor.Executor):
    """TFX's executor."""
