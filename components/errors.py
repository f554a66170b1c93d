"""Failures that the user can act on, and how their messages are worded."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MAX_VALUE_LENGTH = 300
"""Characters of a user's value that a message repeats."""

MAX_PROBLEMS = 20
"""Problems that one message lists."""


class UserError(Exception):
    """A message of two sentences: what happened and where, then what to do."""

    exit_code = 1


class UsageError(UserError):
    """The command was used in a wrong way."""

    exit_code = 2


class TemporaryError(UserError):
    """A failure that another attempt can cure, such as a server that restarts."""

    exit_code = 75  # EX_TEMPFAIL of sysexits.h


class DiskFullError(UserError):
    """The disk has no room for the files of a run."""


class Problems:
    """Collects problems of one kind, so that the user can fix them together."""

    def __init__(self) -> None:
        self._messages: list[str] = []

    def add(self, message: str) -> None:
        """Adds a problem.

        Args:
            message: A complete message of two sentences.

        Raises:
            UserError: MAX_PROBLEMS problems have been found.
        """
        self._messages.append(message)
        if len(self._messages) == MAX_PROBLEMS:
            self._raise(f"The first {MAX_PROBLEMS} problems")

    def raise_if_any(self) -> None:
        """Ends the collection.

        Raises:
            UserError: There was a problem. A single one is the whole message.
        """
        if len(self._messages) == 1:
            raise UserError(self._messages[0])
        if self._messages:
            self._raise(f"{len(self._messages)} problems")

    def _raise(self, heading: str) -> None:
        raise UserError("\n  ".join([f"{heading}:", *self._messages]))


def shorten(text: str, longest: int = MAX_VALUE_LENGTH) -> str:
    """Cuts the middle out of a long text."""
    if len(text) <= longest:
        return text
    head = (longest - 3) // 2
    return f"{text[:head]}...{text[len(text) - (longest - 3 - head) :]}"


def quote(value: str) -> str:
    """Returns a user's value in quotes, in ASCII, and shortened."""
    return shorten(ascii(shorten(value)))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Returns a sentence, with a space before it, that suggests a known word; "" if none is close.

    Args:
        word: What the user typed.
        known: The words that would have been right.
    """
    by_lower_case = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), by_lower_case, n=1)
    return f" Did you mean '{by_lower_case[near[0]]}'?" if near else ""
