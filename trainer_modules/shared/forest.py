"""XGBoost's forests as plain TensorFlow operations, for serving without XGBoost."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

_VISITS = 1 << 17
"""Rows times trees in one step. Such tensors take 0.5 MB each and fit the processor's cache."""

_HIGHEST = np.iinfo(np.int32).max
_LOWEST = np.iinfo(np.int32).min
_INFINITY = 0x7F800000  # the bits of float32's infinity, above which are NaNs


def _log_odds(probability: np.float32) -> np.float32:
    return np.float32(-math.log(np.float32(1) / probability - np.float32(1)))


_BASE_MARGINS: dict[str, Callable[[np.float32], np.float32]] = {
    "binary:logistic": _log_odds,
    "reg:squarederror": np.float32,
}
"""Objective -> the function from XGBoost's base score to the margin that the trees add to."""


class _Tree(NamedTuple):
    """The nodes of a tree, numbered so that siblings are neighbors.

    Attributes:
        lookups: int32 [nodes], the index of the key that a node looks up (see `_keys`).
        thresholds: float32 [nodes], the lowest value that goes right. NaN in leaves.
        left: int32 [nodes], the left child. The right child is the next node. In a leaf, the leaf
            itself.
        values: float32 [nodes], the value that a leaf adds to the margin.
        depth: The number of steps from the root to the farthest leaf.
    """

    lookups: np.ndarray
    thresholds: np.ndarray
    left: np.ndarray
    values: np.ndarray
    depth: int


class Forest(tf.Module):
    """The margins and probabilities that XGBoost computes, for all rows and trees at once.

    Each step moves every row in every tree one node down: three lookups and a comparison. Numbers
    are compared as "keys", integers in the order of the floats. Comparing float32 would be wrong,
    because TensorFlow's kernels treat denormal numbers as zero. Missing values need no separate
    comparison. Each feature has two keys, and those of NaN are below and above all others. A node
    looks up the key that sends NaN to the node's side for missing values.
    """

    def __init__(self, model: bytes | bytearray | str):
        """Reads the trees.

        Args:
            model: The result of `xgboost.Booster.save_raw("json")`, with the objective
                `binary:logistic` or `reg:squarederror`.

        Raises:
            ValueError: The model is of another kind or has another objective.
        """
        super().__init__()
        learner = json.loads(model)["learner"]
        booster, objective = learner["gradient_booster"], learner["objective"]["name"]
        if booster["name"] != "gbtree" or objective not in _BASE_MARGINS:
            raise ValueError(
                f"The model is {booster['name']} for {objective}. "
                f"Train gbtree for {' or '.join(_BASE_MARGINS)}."
            )
        trees = [_read(tree) for tree in booster["model"]["trees"]]
        roots = np.cumsum([0, *(len(tree.values) for tree in trees[:-1])], dtype=np.int32)
        thresholds = np.concatenate([tree.thresholds for tree in trees])
        steps = [
            np.concatenate([tree.lookups for tree in trees]),
            _keys(thresholds[:, np.newaxis])[:, 0, 1],  # in leaves, a key that no row reaches
            np.concatenate([tree.left + root for tree, root in zip(trees, roots, strict=True)]),
        ]
        self.features = int(learner["learner_model_param"]["num_feature"])
        self._depth = max(tree.depth for tree in trees)
        # XGBoost 3.1 and later write a list.
        base_score = learner["learner_model_param"]["base_score"].strip("[]")
        self._base = _BASE_MARGINS[objective](np.float32(base_score))
        # A variable is stored once, but a constant in every signature that uses it.
        self._roots = _variable(roots, "roots")
        self._steps = _variable(np.stack(steps, axis=1), "steps")
        self._values = _variable(np.concatenate([tree.values for tree in trees]), "values")

    def margins(self, features: tf.Tensor) -> tf.Tensor:
        """Returns the sums of the leaves, rounded as XGBoost's `inplace_predict` does on a CPU.

        Args:
            features: float32 [n, features], NaN for missing values.

        Returns:
            float32 [n]: the log-odds of `binary:logistic`, the predictions of `reg:squarederror`.
        """
        rows = tf.shape(features)[0]
        at_once = max(1, _VISITS // self._roots.shape[0])
        parts = tf.maximum(1, (rows + at_once - 1) // at_once)
        size = (rows + parts - 1) // parts
        padded = tf.pad(features, [[0, parts * size - rows], [0, 0]])
        margins = tf.map_fn(
            self._margins,
            tf.reshape(padded, [parts, size, self.features]),
            parallel_iterations=2,
            fn_output_signature=tf.TensorSpec([None], tf.float32),
        )
        return tf.reshape(margins, [-1])[:rows]

    def probabilities(self, features: tf.Tensor) -> tf.Tensor:
        """Returns the probability of each class of `binary:logistic`.

        Args:
            features: float32 [n, features], NaN for missing values.

        Returns:
            float32 [n, 2], the positive class second.
        """
        positive = tf.sigmoid(self.margins(features))
        return tf.stack([1 - positive, positive], axis=1)

    def _margins(self, features: tf.Tensor) -> tf.Tensor:
        rows = tf.shape(features)[0]
        # [2 * features * rows]; trees come before rows, so that a tree's nodes are read together.
        keys = tf.reshape(tf.transpose(_keys(features), [1, 2, 0]), [-1])
        columns = tf.range(rows)[tf.newaxis, :]
        nodes = self._roots[:, tf.newaxis]
        for _ in range(self._depth):
            key, right_from, left = tf.unstack(tf.gather(self._steps, nodes), axis=2)
            goes_right = tf.gather(keys, key * rows + columns) >= right_from
            nodes = left + tf.cast(goes_right, tf.int32)
        values = tf.gather(self._values, tf.broadcast_to(nodes, [tf.shape(nodes)[0], rows]))
        # A sum of floats depends on its order. This order is XGBoost's; `reduce_sum` has another.
        terms = tf.concat([tf.fill([1, rows], self._base), values], axis=0)
        return tf.cumsum(terms, axis=0)[-1]


def _read(tree: dict[str, Any]) -> _Tree:
    """Reads a tree and renumbers its nodes, without the deleted ones."""
    if any(tree["split_type"]):
        raise ValueError("The model splits by categories. Train it on numbers only.")
    left, right = np.array(tree["left_children"]), np.array(tree["right_children"])
    features, default_left = np.array(tree["split_indices"]), np.array(tree["default_left"])
    conditions = np.array(tree["split_conditions"], np.float32)
    (inner,) = np.nonzero(left >= 0)
    number = np.full(len(left), -1)
    number[0] = 0
    number[left[inner]] = 2 * np.arange(len(inner)) + 1
    number[right[inner]] = 2 * np.arange(len(inner)) + 2
    (leaves,) = np.nonzero((left < 0) & (number >= 0))

    nodes = 2 * len(inner) + 1
    new = _Tree(
        np.zeros(nodes, np.int32),
        np.full(nodes, np.nan, np.float32),
        np.arange(nodes, dtype=np.int32),
        np.zeros(nodes, np.float32),
        _depth(left, right),
    )
    new.lookups[number[inner]] = 2 * features[inner] + 1 - default_left[inner]
    new.thresholds[number[inner]] = conditions[inner]
    new.left[number[inner]] = number[left[inner]]
    new.values[number[leaves]] = conditions[leaves]
    return new


def _depth(left: np.ndarray, right: np.ndarray) -> int:
    depth, level = 0, np.zeros(1, np.int64)
    while len(level := level[left[level] >= 0]):
        depth, level = depth + 1, np.concatenate([left[level], right[level]])
    return depth


def _keys(features: tf.Tensor) -> tf.Tensor:
    """Returns two integers for each number, which sort like the numbers.

    Args:
        features: float32 [n, m].

    Returns:
        int32 [n, m, 2]. For NaN, they are the lowest and the highest integer.
    """
    bits = tf.bitcast(features, tf.int32)
    bits = tf.where(tf.equal(bits, _LOWEST), 0, bits)  # -0.0 equals 0.0
    magnitudes = tf.bitwise.bitwise_and(bits, _HIGHEST)
    # Among negative numbers, the larger magnitude is the lower number.
    flips = tf.where(bits < 0, _HIGHEST, 0)
    keys = tf.bitwise.bitwise_xor(bits, flips)
    missing = magnitudes > _INFINITY
    return tf.stack([tf.where(missing, end, keys) for end in (_LOWEST, _HIGHEST)], axis=2)


def _variable(values: np.ndarray, name: str) -> tf.Variable:
    return tf.Variable(values, trainable=False, name=name)
