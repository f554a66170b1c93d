"""Whether Beam runs in this process or elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

_IN_THIS_PROCESS = "--runner=apache_beam.runners.portability.fn_api_runner.FnApiRunner"

_FLAGS = (
    # Beam's default first tries a runner whose binary it downloads from the internet.
    _IN_THIS_PROCESS,
    # A third of the time that building a pipeline takes, and the pipelines are TFX's.
    "--no_pipeline_type_check",
    # Unused by this runner, but without it TFX packs itself for workers as soon as there are flags.
    "--sdk_container_image=unused",
)


def with_defaults(flags: Sequence[str]) -> list[str]:
    """Adds the flags for this process unless another runner is named."""
    elsewhere = any(flag.startswith("--runner") for flag in flags)
    return list(flags) if elsewhere else [*_FLAGS, *flags]


def runs_in_this_process(flags: Sequence[str]) -> bool:
    """Tells whether flags are those of `with_defaults` where no runner was named."""
    return _IN_THIS_PROCESS in flags
