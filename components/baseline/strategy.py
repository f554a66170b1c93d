"""The strategy that chooses the baseline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tfx.dsl.input_resolution.strategies.latest_blessed_model_strategy import (
    LatestBlessedModelStrategy,
)
from tfx.utils import path_utils


class LatestOtherBlessedModelStrategy(LatestBlessedModelStrategy):
    """Chooses TFX's latest blessed model, except the candidate and models that were deleted.

    If the model comes from the cache, it may be the latest blessed model. It would then be compared
    with itself and pushed again. If it is left out, the baseline is the same as before, and the
    Evaluator and the Pusher are cached, too.
    """

    def resolve_artifacts(self, store: Any, input_dict: dict[str, list[Any]]) -> dict[str, Any]:
        """Returns the baseline.

        Args:
            store: The ML Metadata store.
            input_dict: `candidate`, the model of this run; `model` and `model_blessing`, all models
                and blessings of the pipeline.

        Returns:
            `model` and `model_blessing`, each with one artifact or none.
        """
        candidates = {model.id for model in input_dict["candidate"]}
        others = [
            model
            for model in input_dict["model"]
            if model.id not in candidates and _is_there(model)
        ]
        found = super().resolve_artifacts(
            store, {"model": others, "model_blessing": input_dict["model_blessing"]}
        )
        return {**found, "candidate": []}


def _is_there(model: Any) -> bool:
    """Returns whether the files of a model exist. Users delete artifacts to save space."""
    return Path(path_utils.serving_model_path(model.uri), "saved_model.pb").is_file()
