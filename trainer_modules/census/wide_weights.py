"""Charts of the weights in the wide part."""

from __future__ import annotations

from itertools import pairwise, product

import keras
import numpy as np
from tensorflow_metadata.proto.v0 import schema_pb2

from schemas.reader import domain
from trainer_modules.census import features as f
from trainer_modules.shared.insights import Insight

SHOWN = 15
"""The number of weights of each sign in the chart."""

_BINS = 25


def heaviest(model: keras.Model, schema: schema_pb2.Schema) -> Insight:
    """Shows the values and combinations with the largest weights.

    Args:
        model: A model with a wide part.
        schema: The curated schema. Its domains are the vocabularies.
    """
    weights = _weights(model)
    order = np.argsort(-weights)
    shown = np.concatenate([order[:SHOWN], order[-SHOWN:]])
    names = _names(schema)
    return Insight(
        "Largest weights of the wide part",
        "The amount that a value or a combination of values adds to the log-odds of a high income, "
        "on top of the deep part: the highest weights, then the lowest.",
        [(names[index], float(weights[index])) for index in shown],
    )


def histogram(model: keras.Model) -> Insight:
    """Shows the distribution of the weights in the wide part."""
    weights = _weights(model)
    seen = weights[weights != 0]
    counts, edges = np.histogram(seen, _BINS)
    return Insight(
        "Weights of the wide part",
        f"The distribution of the {len(seen):,} nonzero weights. The other "
        f"{len(weights) - len(seen):,} are zero, mostly for combinations that no row has.",
        [
            (f"{low:.2f} to {high:.2f}", float(count))
            for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
        ],
    )


def _weights(model: keras.Model) -> np.ndarray:
    return np.asarray(model.get_layer("wide").get_weights()[0])[:, 0]


def _names(schema: schema_pb2.Schema) -> list[str]:
    """Returns the meaning of each row in the wide part's table."""
    values = {name: ["missing", *domain(schema, name)] for name in f.CATEGORICAL}
    ages = [0, *f.AGE_BOUNDARIES]
    values[f.AGE_BUCKET] = [f"{low} to {high - 1}" for low, high in pairwise(ages)]
    values[f.AGE_BUCKET].append(f"{ages[-1]} or more")
    return [
        " and ".join(f"{name}={value}" for name, value in zip(names, combination, strict=True))
        for names in (*((name,) for name in f.WIDE), *f.CROSSES)
        for combination in product(*(values[name] for name in names))
    ]
