"""What the wide part has learnt, in words."""

from __future__ import annotations

from itertools import pairwise, product

import keras
import numpy as np
from tensorflow_metadata.proto.v0 import schema_pb2

from schemas.reader import domain
from trainer_modules.census import features as f
from trainer_modules.shared.insights import Insight

SHOWN = 15
"""Weights of each sign in the figure."""

_BINS = 25


def heaviest(model: keras.Model, schema: schema_pb2.Schema) -> Insight:
    """Names the values and combinations that weigh most.

    Args:
        model: With a wide part.
        schema: The curated one, whose domains are the vocabularies.
    """
    weights = _weights(model)
    order = np.argsort(-weights)
    shown = np.concatenate([order[:SHOWN], order[-SHOWN:]])
    names = _names(schema)
    return Insight(
        "What weighs most in the wide part",
        "What a value, or a combination of values, adds to the log-odds of a high income, besides "
        "what the deep part makes of it: the highest weights, then the lowest.",
        [(names[index], float(weights[index])) for index in shown],
    )


def histogram(model: keras.Model) -> Insight:
    """Counts the weights of the wide part by their size."""
    weights = _weights(model)
    seen = weights[weights != 0]
    counts, edges = np.histogram(seen, _BINS)
    return Insight(
        "Weights of the wide part",
        f"How many of the {len(weights):,} weights are how large; {len(weights) - len(seen):,} are "
        "zero, most of them of combinations that no row has.",
        [
            (f"{low:.2f} to {high:.2f}", float(count))
            for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
        ],
    )


def _weights(model: keras.Model) -> np.ndarray:
    return np.asarray(model.get_layer("wide").get_weights()[0])[:, 0]


def _names(schema: schema_pb2.Schema) -> list[str]:
    """Returns what each row of the wide part's table stands for."""
    values = {name: ["missing", *domain(schema, name)] for name in f.CATEGORICAL}
    ages = [0, *f.AGE_BOUNDARIES]
    values[f.AGE_BUCKET] = [f"{low} to {high - 1}" for low, high in pairwise(ages)]
    values[f.AGE_BUCKET].append(f"{ages[-1]} or more")
    return [
        " and ".join(f"{name}={value}" for name, value in zip(names, combination, strict=True))
        for names in (*((name,) for name in f.WIDE), *f.CROSSES)
        for combination in product(*(values[name] for name in names))
    ]
