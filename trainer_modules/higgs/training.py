"""Trainer's user code for HIGGS."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from trainer_modules.higgs import features as f
from trainer_modules.higgs.parameters import HiggsParameters
from trainer_modules.shared.boosted_trees import train_and_export
from trainer_modules.shared.preprocessing import dense
from trainer_modules.shared.training_run import TrainingRun


def run_fn(fn_args: Any) -> None:
    """Trains and exports; called by TFX's Trainer.

    Args:
        fn_args: TFX's `FnArgs`; see `TrainingRun.from_fn_args`.

    Raises:
        ValueError: All rows of train or of eval are of one class.
    """
    train_and_export(TrainingRun.from_fn_args(fn_args, HiggsParameters, f.LABEL), slices)


def slices(features: dict[str, Any]) -> dict[str, tf.Tensor]:
    """Derives the features that the Evaluator slices by.

    Args:
        features: Raw features by name.

    Returns:
        `m_bb_quartile` and `b_tagged_jets`, each string [n, 1].
    """
    quartiles = tf.searchsorted(
        tf.constant(f.M_BB_QUARTILES), dense(features[f.M_BB], float("nan"))[:, 0], side="right"
    )
    tagged = [tf.cast(dense(features[name], 0.0) > 0, tf.int32) for name in f.B_TAGS]
    return {
        f.M_BB_QUARTILE: tf.gather(f.M_BB_NAMES, quartiles)[:, tf.newaxis],
        f.B_TAGGED_JETS: tf.strings.as_string(tf.add_n(tagged)),
    }
