"""Failures that the user can act on."""

from __future__ import annotations


class UserError(Exception):
    """One sentence that says what is wrong, where, and what to do."""

    exit_code = 1


class UsageError(UserError):
    """The command was used wrongly."""

    exit_code = 2


class DiskFullError(UserError):
    """There is no room for a run's files."""
