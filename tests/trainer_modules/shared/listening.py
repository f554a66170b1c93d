"""Records the messages of a training, and interrupts it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from trainer_modules.shared.training import progress


class Listener(logging.Handler):
    """Keeps the messages of a training. Interrupts it, as Ctrl-C does, at one of them."""

    def __init__(self, interrupt_at: str | None):
        super().__init__()
        self.messages: list[str] = []
        self._interrupt_at = interrupt_at

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())
        if self._interrupt_at and self.messages[-1].startswith(self._interrupt_at):
            raise KeyboardInterrupt


@contextmanager
def listening(interrupt_at: str | None = None) -> Iterator[list[str]]:
    listener, level = Listener(interrupt_at), progress.level
    progress.addHandler(listener)
    progress.setLevel(logging.INFO)
    try:
        yield listener.messages
    finally:
        progress.removeHandler(listener)
        progress.setLevel(level)
