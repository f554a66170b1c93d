"""Whether Beam runs in this process or elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

_IN_THIS_PROCESS = "--runner=apache_beam.runners.portability.fn_api_runner.FnApiRunner"

_FLAGS = (
    # Beam's default runner first downloads a binary from the internet.
    _IN_THIS_PROCESS,
    # Type checks take a third of the time of building a pipeline, and TFX has tested its own.
    "--no_pipeline_type_check",
    # This runner ignores it. Without it, TFX builds a package for workers if there are any flags.
    "--sdk_container_image=unused",
)


def with_defaults(flags: Sequence[str]) -> list[str]:
    """Adds the flags for running in this process unless another runner is named."""
    elsewhere = any(flag.startswith("--runner") for flag in flags)
    return list(flags) if elsewhere else [*_FLAGS, *flags]


def runs_in_this_process(flags: Sequence[str]) -> bool:
    """Returns whether flags come from `with_defaults` without another runner."""
    return _IN_THIS_PROCESS in flags
