"""How the baseline is chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tfx.dsl.input_resolution.strategies.latest_blessed_model_strategy import (
    LatestBlessedModelStrategy,
)
from tfx.utils import path_utils


class LatestOtherBlessedModelStrategy(LatestBlessedModelStrategy):
    """Chooses TFX's latest blessed model, except the candidate and models that were deleted.

    A run whose model comes from the cache finds that model blessed. Compared with itself, it would
    be evaluated and pushed again. Without it, the baseline is the same as before, so that the
    Evaluator and the Pusher are cached, too.
    """

    def resolve_artifacts(self, store: Any, input_dict: dict[str, list[Any]]) -> dict[str, Any]:
        """Called by TFX's Resolver.

        Args:
            store: ML Metadata.
            input_dict: `candidate`: the model of this run. `model` and `model_blessing`: all of the
                pipeline.

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
    """Whether the files of a model exist: users delete artifacts to save space."""
    return Path(path_utils.serving_model_path(model.uri), "saved_model.pb").is_file()
