"""Transform's user code, written as in TFX's examples."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from trainer_modules.census import features as f
from trainer_modules.census import preprocessing
from trainer_modules.shared.preprocessing import dense


def census(inputs: dict[str, Any], custom_config: dict[str, Any]) -> dict[str, tf.Tensor]:
    """Computes the vocabulary of each categorical column. The rest is our own preprocessing.

    The ids are shifted by one, because 0 means missing or unknown for our model. Our own lookups,
    which this replaces, stay in the graph and take milliseconds.
    """
    outputs = preprocessing.preprocessing_fn(inputs, custom_config)
    for name in f.CATEGORICAL:
        outputs[name] = 1 + tft.compute_and_apply_vocabulary(
            dense(inputs[name], ""), vocab_filename=name
        )
    return outputs
