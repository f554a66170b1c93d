"""Loads the executor of a node only if it runs.

TFX's launcher loads it before it looks for a cached result. Most executors import TensorFlow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.orchestrators.loading import libraries_to_keep


def operators_on_use(operators: Mapping[Any, Any]) -> dict[Any, Any]:
    """Returns operators that create the given ones when the executor runs.

    Args:
        operators: Type of an executable spec -> the `BaseExecutorOperator` that runs it, as in
            TFX's launcher.
    """
    return {spec: _on_use(operator) for spec, operator in operators.items()}


def _on_use(operator: Any) -> Any:
    class OperatorOnUse:
        def __init__(self, **arguments: Any):
            self._arguments = arguments
            self._watcher_address = ""

        def with_execution_watcher(self, address: str) -> OperatorOnUse:
            self._watcher_address = address
            return self

        def run_executor(self, info: Any) -> Any:
            with libraries_to_keep():
                created = operator(**self._arguments)
            return created.with_execution_watcher(self._watcher_address).run_executor(info)

    return OperatorOnUse
