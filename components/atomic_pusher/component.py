"""The pusher."""

from __future__ import annotations

from tfx.components import Pusher
from tfx.dsl.components.base import executor_spec

from components.atomic_pusher.executor import AtomicPushExecutor


class AtomicPusher(Pusher):
    """TFX's Pusher, except that a version is either complete or absent."""

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(AtomicPushExecutor)
