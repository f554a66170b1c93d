"""Shows the progress of a run: live on a terminal, as plain lines elsewhere."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table

MESSAGES = logging.getLogger("tutorials.progress")
"""The logger of nodes' progress messages, which are shown beside the node."""

_LOADING = "loading TensorFlow and TFX"
_MARKS = {
    "run": "[green]✓[/]",
    "cached": "[cyan]≡[/]",
    "skipped": "[yellow]–[/]",
    "done": "[green]✓[/]",
}


class Progress(Protocol):
    """Receives the progress events of a run.

    Attributes:
        running: The node that is running, or the loading of libraries before the first one.
    """

    running: str

    def begin(self, node_ids: Sequence[str]) -> None:
        """The pipeline is compiled, and these nodes will run."""

    def node_begins(self, node_id: str) -> None:
        """A node starts."""

    def node_ends(self, node_id: str, state: str, seconds: float) -> None:
        """A node has ended; see `pipelines.orchestrators.node.State`."""


class PlainProgress:
    """Prints a line per event."""

    def __init__(self, console: Console):
        self.running = _LOADING
        self._console = console
        self._console.print(_LOADING)

    def begin(self, node_ids: Sequence[str]) -> None:
        """See `Progress`."""
        self._width = max(map(len, node_ids))

    def node_begins(self, node_id: str) -> None:
        """See `Progress`."""
        self.running = node_id

    def message(self, text: str) -> None:
        """Shows a message of the running node."""
        self._console.print(f"{self.running:{self._width}}  {escape(text)}", soft_wrap=True)

    def node_ends(self, node_id: str, state: str, seconds: float) -> None:
        """See `Progress`."""
        self._console.print(f"{node_id:{self._width}}  {state:7} {seconds:7.1f} s")


class LiveProgress:
    """Draws a table of the nodes, with the running node's latest message."""

    def __init__(self, live: Live):
        self._live = live
        self._ended: list[tuple[str, str, float]] = []
        self._waiting: list[str] = []
        self.running, self._since, self._text = _LOADING, time.monotonic(), ""
        self._spinner = Spinner("dots", style="blue")

    def begin(self, node_ids: Sequence[str]) -> None:
        """See `Progress`."""
        self._waiting = list(node_ids)

    def node_begins(self, node_id: str) -> None:
        """See `Progress`."""
        self.running, self._since, self._text = node_id, time.monotonic(), ""
        self._waiting.remove(node_id)

    def message(self, text: str) -> None:
        """Shows a message of the running node."""
        self._text = text

    def node_ends(self, node_id: str, state: str, seconds: float) -> None:
        """See `Progress`."""
        self._ended.append((node_id, state, seconds))
        self.running = ""
        self._live.refresh()

    def __rich__(self) -> RenderableType:
        """Draws the table. rich calls this several times a second."""
        table = Table(box=None, padding=(0, 1), show_header=False)
        for column in ("mark", "node", "state"):
            table.add_column(column, no_wrap=True)
        table.add_column("seconds", justify="right", no_wrap=True)
        table.add_column("message", style="dim", overflow="ellipsis", no_wrap=True)
        for node_id, state, seconds in self._ended:
            table.add_row(_MARKS[state], node_id, state, f"{seconds:.1f} s", "")
        if self.running:
            seconds = time.monotonic() - self._since
            table.add_row(self._spinner, self.running, "", f"{seconds:.0f} s", escape(self._text))
        for node_id in self._waiting:
            table.add_row("", f"[dim]{node_id}[/]", "", "", "")
        return table


@contextmanager
def progress_on(console: Console) -> Iterator[Progress]:
    """Yields the progress display that suits the console."""
    if not console.is_terminal:
        with _messages_to(shown := PlainProgress(console)):
            yield shown
        return
    with Live(console=console, refresh_per_second=8) as live:
        table = LiveProgress(live)
        live.update(table)
        with _messages_to(table):
            yield table


@contextmanager
def _messages_to(shown: PlainProgress | LiveProgress) -> Iterator[None]:
    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            shown.message(record.getMessage())

    handler = Handler()
    MESSAGES.addHandler(handler)
    MESSAGES.setLevel(logging.INFO)
    try:
        yield
    finally:
        MESSAGES.removeHandler(handler)
