"""Hyper-parameters of the HIGGS model. Imports without TensorFlow."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from trainer_modules.higgs.features import FEATURES
from trainer_modules.shared.tree_parameters import TreeParameters


class HiggsParameters(TreeParameters):
    """The hyper-parameters. Defaults were chosen by cross-validation on the real training rows."""

    features = FEATURES
    preset_field = "preset"
    presets: ClassVar = {
        # The original's settings of TensorFlow's BoostedTreesClassifier.
        "tutorial": {
            "trees": 100,
            "parallel_trees": 1,
            "depth": 6,
            "learning_rate": 0.1,
            "row_fraction": 1.0,
            "feature_fraction": 1.0,
            "l2": 0.0,
            "min_child_weight": 0.0,
            "max_bins": 100,
            "patience": 0,
            "refit": False,
        },
    }
    in_preprocessing = ("preset",)

    preset: Literal["tuned", "tutorial"] = Field(
        "tuned",
        description="set of defaults; tutorial: those of the original tutorial, on features split "
        "at their percentiles",
    )
