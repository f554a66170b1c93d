"""Figures that are read off one accumulation of a slice's rows.

TFMA's own metrics look up label and score anew for each metric of each slice of each row, in
Python, which makes the Evaluator the slowest node of a small pipeline. Here a row costs each of its
slices one list append, whatever the number of metrics.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import apache_beam as beam
import numpy as np
from tensorflow_model_analysis.metrics import metric_types

_FLUSH = 1_000
"""Rows that an accumulation holds before it takes them in, all at once."""

TINY = 1e-7
"""Scores are kept so far from 0 and 1 in log losses, as Keras does."""


class Accumulation(abc.ABC):
    """What is kept of a slice's rows."""

    def __init__(self) -> None:
        self._waiting: list[Any] = []

    def add(self, label: Any, classes: np.ndarray, scores: np.ndarray) -> None:
        """Adds a row.

        Args:
            label: The row's class.
            classes: The model's classes, [classes].
            scores: Their scores, float32 [classes].
        """
        self._waiting.append(self.row(label, classes, scores))
        if len(self._waiting) >= _FLUSH:
            self.flush()

    def flush(self) -> None:
        """Takes in the rows that wait."""
        if self._waiting:
            self.take(self._waiting)
            self._waiting = []

    @abc.abstractmethod
    def row(self, label: Any, classes: np.ndarray, scores: np.ndarray) -> Any:
        """Returns what is kept of a row until it is taken in; called for every row."""

    @abc.abstractmethod
    def take(self, rows: Sequence[Any]) -> None:
        """Takes in rows, as `row` returned them."""

    @abc.abstractmethod
    def merge(self, other: Any) -> None:
        """Takes in another accumulation of the same kind; nothing waits in either."""


def read_off(
    kind: type[Accumulation], key_type: Any, result: Callable[[str, Any], Any]
) -> Callable[..., list[Any]]:
    """Returns what a `tfma.metrics.Metric` is made of.

    TFMA merges the equal accumulations of all metrics into one.

    Args:
        kind: The accumulation.
        key_type: TFMA's `MetricKey` or `PlotKey`.
        result: Name of the metric and accumulation -> its value.
    """

    def computations(
        name: str,
        model_names: list[str] | None = None,
        output_names: list[str] | None = None,
        example_weighted: bool = False,
    ) -> list[Any]:
        del output_names
        made: list[Any] = []
        for model in model_names or [""]:
            key = key_type(name, model, example_weighted=example_weighted)
            shared = metric_types.MetricKey(f"_{kind.__name__}", model, example_weighted=False)

            def figure(
                values: dict[Any, Any], shared: Any = shared, key: Any = key
            ) -> dict[Any, Any]:
                return {key: result(key.name, values[shared])}

            made += [
                metric_types.MetricComputation(
                    keys=[shared], preprocessors=None, combiner=_Combiner(kind, model, shared)
                ),
                metric_types.DerivedMetricComputation(keys=[key], result=figure),
            ]
        return made

    return computations


def of_model(value: Any, model: str) -> Any:
    """Returns a model's part of labels or predictions, which TFMA keys where there are several."""
    return value[model] if isinstance(value, Mapping) and model in value else value


class _Combiner(beam.CombineFn):
    def __init__(self, kind: type[Accumulation], model: str, key: metric_types.MetricKey):
        self._kind = kind
        self._model = model
        self._key = key

    def create_accumulator(self) -> Accumulation:
        return self._kind()

    def add_input(self, accumulator: Accumulation, element: Mapping[str, Any]) -> Accumulation:
        prediction = of_model(element["predictions"], self._model)
        accumulator.add(
            of_model(element["labels"], self._model).item(),
            prediction["classes"].reshape(-1),
            prediction["scores"].reshape(-1),
        )
        return accumulator

    def merge_accumulators(self, accumulators: Iterable[Accumulation]) -> Accumulation:
        merged = self._kind()
        for accumulator in accumulators:
            accumulator.flush()
            merged.merge(accumulator)
        return merged

    def extract_output(self, accumulator: Accumulation) -> dict[metric_types.MetricKey, Any]:
        accumulator.flush()
        return {self._key: accumulator}
