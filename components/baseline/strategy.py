"""How the baseline is chosen."""

from __future__ import annotations

from typing import Any

from tfx.dsl.input_resolution.strategies.latest_blessed_model_strategy import (
    LatestBlessedModelStrategy,
)


class LatestOtherBlessedModelStrategy(LatestBlessedModelStrategy):
    """TFX's latest blessed model, the candidate itself left out.

    A run that takes its model from the cache finds that model blessed. Measured against itself it
    would be evaluated and pushed once more; left out, the baseline is what it was, and Evaluator
    and Pusher are cached too.
    """

    def resolve_artifacts(self, store: Any, input_dict: dict[str, list[Any]]) -> dict[str, Any]:
        """Called by TFX's Resolver.

        Args:
            store: ML Metadata.
            input_dict: `candidate`: the model of this run; `model` and `model_blessing`: all of the
                pipeline.

        Returns:
            `model` and `model_blessing`, each with one artifact or none.
        """
        candidates = {model.id for model in input_dict["candidate"]}
        others = [model for model in input_dict["model"] if model.id not in candidates]
        found = super().resolve_artifacts(
            store, {"model": others, "model_blessing": input_dict["model_blessing"]}
        )
        return {**found, "candidate": []}
