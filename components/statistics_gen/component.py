"""The StatisticsGen."""

from __future__ import annotations

from typing import Any, ClassVar

from tfx.dsl.components.base import executor_spec
from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.types.channel import Channel
from tfx.types.component_spec import ExecutionParameter
from tfx.types.standard_artifacts import ExampleStatistics
from tfx.types.standard_component_specs import StatisticsGenSpec

from components.statistics_gen.executor import StatisticsExecutor


class _Spec(StatisticsGenSpec):
    PARAMETERS: ClassVar = {**StatisticsGenSpec.PARAMETERS, "code": ExecutionParameter(type=str)}


class StatisticsGen(BaseBeamComponent):
    """TFX's StatisticsGen with its default options, except that it streams on a single machine."""

    SPEC_CLASS = _Spec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(StatisticsExecutor)

    def __init__(self, examples: Any, code: str):
        """Declares the node.

        Args:
            examples: The channel of Examples.
            code: The fingerprint of this component's source, as a part of the cache key.
        """
        statistics = Channel(type=ExampleStatistics)
        super().__init__(
            _Spec(examples=examples, statistics=statistics, exclude_splits="[]", code=code)
        )
