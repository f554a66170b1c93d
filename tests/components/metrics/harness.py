"""Calls metrics as TFMA calls them."""

from typing import Any

import numpy as np


def element(label: str, classes: list[str], scores: Any, model: str = "", **features: Any) -> dict:
    """Returns what TFMA hands to a combiner for one row."""
    prediction = {
        "scores": np.array(scores, np.float32),
        "classes": np.array([name.encode() for name in classes], dtype=object),
    }
    return {
        "labels": np.array([label.encode()], dtype=object),
        "predictions": {model: prediction} if model else prediction,
        "features": {
            name: np.array([value], dtype=object if isinstance(value, bytes) else None)
            for name, value in features.items()
        },
    }


def compute(metric: Any, elements: list[dict], model: str = "", parts: int = 1) -> Any:
    """Returns the value of a metric over rows that come in so many parts."""
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
