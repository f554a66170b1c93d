"""The rows that a classifier is most confidently wrong about."""

from __future__ import annotations

import base64
import heapq
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import apache_beam as beam
from tensorflow_model_analysis.metrics import metric_types

from components.metrics.accumulation import of_model

ROWS = 10
"""How many rows are kept."""

_Row = tuple[float, str]
"""Score of the wrong class, and the row as JSON."""


class MostConfidentErrors(metric_types.Metric):
    """A JSON list of rows, the most confident error first, as a metric whose value is bytes.

    A row has `label`, `predicted`, `score` (of the predicted class) and `features`: name -> number
    or {"bytes": base64}.
    """

    def __init__(self, name: str, features: Sequence[str], code: str = ""):
        """Names the metric.

        Args:
            name: Of the metric.
            features: Raw features that show what a row is.
            code: Fingerprint of this source, for the Evaluator's cache key.
        """
        del code
        super().__init__(_computations, name=name, features=tuple(features))


def _computations(
    name: str, features: Sequence[str], model_names: list[str] | None = None
) -> list[Any]:
    return [
        metric_types.MetricComputation(
            keys=[metric_types.MetricKey(name, model)],
            preprocessors=[metric_types.FeaturePreprocessor(features)],
            combiner=_Combiner(model, metric_types.MetricKey(name, model), features),
        )
        for model in model_names or [""]
    ]


class _Combiner(beam.CombineFn):
    def __init__(self, model: str, key: metric_types.MetricKey, features: Sequence[str]):
        self._model = model
        self._key = key
        self._features = features

    def create_accumulator(self) -> list[_Row]:
        return []

    def add_input(self, accumulator: list[_Row], element: Mapping[str, Any]) -> list[_Row]:
        label = of_model(element["labels"], self._model).item()
        prediction = of_model(element["predictions"], self._model)
        scores = prediction["scores"].reshape(-1)
        highest = int(scores.argmax())
        predicted, score = prediction["classes"].reshape(-1)[highest], float(scores[highest])
        full = len(accumulator) >= ROWS
        if predicted == label or (full and score < accumulator[0][0]):
            return accumulator
        row = json.dumps(
            {
                "label": label.decode(),
                "predicted": predicted.decode(),
                "score": score,
                "features": {
                    name: _plain(element["features"][name].reshape(-1)[0])
                    for name in self._features
                },
            }
        )
        # The text breaks ties, so that the same rows are kept in whatever order they come.
        (heapq.heappushpop if full else heapq.heappush)(accumulator, (score, row))
        return accumulator

    def merge_accumulators(self, accumulators: Iterable[list[_Row]]) -> list[_Row]:
        merged = heapq.nlargest(ROWS, (row for rows in accumulators for row in rows))
        heapq.heapify(merged)
        return merged

    def extract_output(self, accumulator: list[_Row]) -> dict[metric_types.MetricKey, bytes]:
        rows = ", ".join(row for _, row in sorted(accumulator, reverse=True))
        return {self._key: f"[{rows}]".encode()}


def _plain(value: Any) -> Any:
    """Returns a feature's value as JSON has it; bytes need not be text."""
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode("ascii")}
    return value.item()
