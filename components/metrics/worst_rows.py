"""The rows of a model's worst errors."""

from __future__ import annotations

import base64
import heapq
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import apache_beam as beam
from tensorflow_model_analysis.metrics import metric_types

from components.metrics.accumulation import (
    class_name,
    classes_and_scores,
    of_model,
    of_output,
)

MAX_ROWS = 10
"""How many rows are kept."""

_Row = tuple[float, str]
"""The size of the error, and the row as JSON."""


class Error(NamedTuple):
    """The error of a row.

    Attributes:
        size: How bad the error is; 0 for none. Rows with the largest sizes are kept.
        values: The label, the prediction, and so on, as JSON has them.
    """

    size: float
    values: Mapping[str, Any]


_Judge = Callable[[Any, Any], Error]
"""Label and prediction, both as TFMA hands them over, to error."""


class MostConfidentErrors(metric_types.Metric):
    """The wrong rows of a classifier, the highest score first.

    The value is bytes: a JSON list of rows with `label`, `predicted`, `score` (of the predicted
    class), and `features`: name -> number or {"bytes": base64}.
    """

    def __init__(self, name: str, features: Sequence[str], code: str = ""):
        """Names the metric.

        Args:
            name: The name.
            features: The raw features that identify a row.
            code: The fingerprint of this source, for the Evaluator's cache key.
        """
        del code
        super().__init__(_computations(_wrong_class), name=name, features=tuple(features))


class LargestErrors(metric_types.Metric):
    """The rows with the largest |predicted - true| of a regression, the largest first.

    The value is bytes: a JSON list of rows with `label`, `predicted`, and `features`, as in
    `MostConfidentErrors`. `predicted` is None where the model predicts no finite number.
    """

    def __init__(self, name: str, features: Sequence[str], code: str = ""):
        """Names the metric; see `MostConfidentErrors`."""
        del code
        super().__init__(_computations(_difference), name=name, features=tuple(features))


def _wrong_class(label: Any, prediction: Any) -> Error:
    classes, scores = classes_and_scores(prediction)
    highest = int(scores.argmax())
    predicted, score = classes[highest], float(scores[highest])
    name = class_name(label)
    if predicted == name:
        return Error(0.0, {})
    return Error(score, {"label": name.decode(), "predicted": predicted.decode(), "score": score})


def _difference(label: Any, prediction: Any) -> Error:
    predicted = of_output(prediction, "predictions").item()
    if not math.isfinite(predicted):
        return Error(math.inf, {"label": label, "predicted": None})
    return Error(abs(predicted - label), {"label": label, "predicted": predicted})


def _computations(judge: _Judge) -> Any:
    def computations(
        name: str, features: Sequence[str], model_names: list[str] | None = None
    ) -> list[Any]:
        return [
            metric_types.MetricComputation(
                keys=[metric_types.MetricKey(name, model)],
                preprocessors=[metric_types.FeaturePreprocessor(features)],
                combiner=_Combiner(judge, model, metric_types.MetricKey(name, model), features),
            )
            for model in model_names or [""]
        ]

    return computations


class _Combiner(beam.CombineFn):
    def __init__(
        self, judge: _Judge, model: str, key: metric_types.MetricKey, features: Sequence[str]
    ):
        self._judge = judge
        self._model = model
        self._key = key
        self._features = features

    def create_accumulator(self) -> list[_Row]:
        return []

    def add_input(self, accumulator: list[_Row], element: Mapping[str, Any]) -> list[_Row]:
        error = self._judge(
            of_model(element["labels"], self._model).item(),
            of_model(element["predictions"], self._model),
        )
        full = len(accumulator) >= MAX_ROWS
        if not error.size or (full and error.size < accumulator[0][0]):
            return accumulator
        features = {name: _plain(element["features"][name].reshape(-1)) for name in self._features}
        row = json.dumps({**error.values, "features": features})
        # The text breaks ties, so that the same rows are kept in whatever order they come.
        (heapq.heappushpop if full else heapq.heappush)(accumulator, (error.size, row))
        return accumulator

    def merge_accumulators(self, accumulators: Iterable[list[_Row]]) -> list[_Row]:
        merged = heapq.nlargest(MAX_ROWS, (row for rows in accumulators for row in rows))
        heapq.heapify(merged)
        return merged

    def extract_output(self, accumulator: list[_Row]) -> dict[metric_types.MetricKey, bytes]:
        rows = ", ".join(row for _, row in sorted(accumulator, reverse=True))
        return {self._key: f"[{rows}]".encode()}


def _plain(values: Any) -> Any:
    """Returns a feature's value as JSON has it: bytes need not be text, and it may be missing."""
    if not len(values):
        return None
    if isinstance(values[0], bytes):
        return {"bytes": base64.b64encode(values[0]).decode("ascii")}
    number = values[0].item()
    return number if math.isfinite(number) else None
