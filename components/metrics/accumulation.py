"""Metrics that are computed from one accumulation of a slice's rows.

TFMA's own metrics look up label and prediction again for each metric of each slice of each row, in
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
"""Rows that an accumulation collects before it processes them, all at once."""

TINY = 1e-7
"""The distance that scores keep from 0 and 1 in log losses, as in Keras."""


class Accumulation(abc.ABC):
    """A bounded summary of a slice's rows."""

    def __init__(self) -> None:
        self._pending: list[Any] = []

    def add(self, label: Any, prediction: Any, example: Any) -> None:
        """Adds a row.

        Args:
            label: The row's label, a number or bytes.
            prediction: The outputs of the model for the row, by name. TFMA hands over the array
                itself where there is only one output.
            example: The serialized tf.train.Example.
        """
        self._pending.append(self.row(label, prediction, example))
        if len(self._pending) >= _FLUSH:
            self.flush()

    def flush(self) -> None:
        """Processes the pending rows."""
        if self._pending:
            self.take(self._pending)
            self._pending = []

    @abc.abstractmethod
    def row(self, label: Any, prediction: Any, example: Any) -> Any:
        """Returns what `take` needs of a row; called for every row, so it must be cheap."""

    @abc.abstractmethod
    def take(self, rows: Sequence[Any]) -> None:
        """Processes rows, each as `row` returned it."""

    @abc.abstractmethod
    def merge(self, other: Any) -> None:
        """Adds another accumulation of the same kind; neither has pending rows."""


def class_name(label: Any) -> bytes:
    """Returns the name of a label's class; a label may be a number where classes are strings."""
    return label if isinstance(label, bytes) else str(label).encode()


def classes_and_scores(prediction: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Returns a classifier's outputs for a row: bytes [classes] and float32 [classes]."""
    return prediction["classes"].reshape(-1), prediction["scores"].reshape(-1)


def of_output(prediction: Any, name: str) -> np.ndarray:
    """Returns an output of the model, which TFMA hands over without its name if it is the only one.

    Args:
        prediction: A model's outputs for a row.
        name: The output's name.
    """
    value: np.ndarray = prediction[name] if isinstance(prediction, Mapping) else prediction
    return value


def computed_from(
    kind: type[Accumulation], key_type: Any, result: Callable[[str, Any], Any]
) -> Callable[..., list[Any]]:
    """Returns the function that a `tfma.metrics.Metric` is built from.

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

            def value(
                values: dict[Any, Any], shared: Any = shared, key: Any = key
            ) -> dict[Any, Any]:
                return {key: result(key.name, values[shared])}

            made += [
                metric_types.MetricComputation(
                    keys=[shared],
                    preprocessors=[metric_types.InputPreprocessor(include_default_inputs=True)],
                    combiner=_Combiner(kind, model, shared),
                ),
                metric_types.DerivedMetricComputation(keys=[key], result=value),
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
        accumulator.add(
            of_model(element["labels"], self._model).item(),
            of_model(element["predictions"], self._model),
            element["input"],
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
