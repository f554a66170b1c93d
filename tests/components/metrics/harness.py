"""Calls metrics as TFMA calls them."""

from typing import Any

import numpy as np


def element(
    label: str | int, classes: list[str], scores: Any, model: str = "", **features: Any
) -> dict:
    """Returns the input of a combiner in TFMA for a row of a classifier."""
    prediction = {
        "scores": np.array(scores, np.float32),
        "classes": np.array([name.encode() for name in classes], dtype=object),
    }
    return _element(label, prediction, model, features)


def regression_element(label: float, predicted: float, model: str = "", **features: Any) -> dict:
    """Returns the input of a combiner in TFMA for a row of a regression."""
    return _element(label, np.array([predicted], np.float32), model, features)


def _element(label: Any, prediction: Any, model: str, features: dict[str, Any]) -> dict:
    return {
        "labels": _array(label.encode() if isinstance(label, str) else label),
        "predictions": {model: prediction} if model else prediction,
        "features": {name: _array(value) for name, value in features.items()},
        "input": np.array(repr((label, features)).encode(), dtype=object),
    }


def _array(value: Any) -> np.ndarray:
    return np.array([value], dtype=object if isinstance(value, bytes) else None)


def compute(metric: Any, elements: list[dict], model: str = "", parts: int = 1) -> Any:
    """Returns the value of a metric over rows that are divided into N parts."""
    first, *derived = metric.computations(model_names=[model])
    combiner = first.combiner
    accumulators = []
    for part in np.array_split(np.arange(len(elements)), parts):
        accumulator = combiner.create_accumulator()
        for row in part:
            accumulator = combiner.add_input(accumulator, elements[row])
        accumulators.append(accumulator)
    values = combiner.extract_output(combiner.merge_accumulators(accumulators))
    for computation in derived:
        values = computation.result(values)
    ((key, value),) = values.items()
    assert (key.name, key.model_name) == (metric.name, model)
    return value
