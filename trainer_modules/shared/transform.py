"""What Transform has learnt, for the Trainer to apply and to export."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tensorflow_transform as tft
from tensorflow_transform.saved.saved_transform_io_v2 import SavedModelLoader


class TransformGraph(tf.Module):
    """Applies what Transform has learnt to raw features.

    The same as `TFTransformOutput.transform_features_layer`. That one is a model of Keras 2, which
    exporting traces once more, for Keras only: a third of the seconds that an export takes.
    """

    def __init__(self, transform_output: tft.TFTransformOutput):
        super().__init__()
        self._loader = SavedModelLoader(transform_output.transform_savedmodel_dir)
        self._tracked = vars(self._loader)  # with the tables and whatever else an export needs

    def __call__(self, features: dict[str, Any]) -> dict[str, Any]:
        """Maps raw features, some of which may lack, to what can be computed from them."""
        return self._loader.apply_transform_model(features)
