"""Transform's user code the way TFX's examples write it."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from trainer_modules.census import features as f
from trainer_modules.census import preprocessing
from trainer_modules.shared.preprocessing import dense


def census(inputs: dict[str, Any], custom_config: dict[str, Any]) -> dict[str, tf.Tensor]:
    """Learns the vocabulary of each categorical column; all else is our own preprocessing.

    The ids are shifted by one, since our model has 0 for missing or unknown. The lookups of ours
    that are dropped here stay in the graph and cost it milliseconds.
    """
    outputs = preprocessing.preprocessing_fn(inputs, custom_config)
    for name in f.CATEGORICAL:
        outputs[name] = 1 + tft.compute_and_apply_vocabulary(
            dense(inputs[name], ""), vocab_filename=name
        )
    return outputs
