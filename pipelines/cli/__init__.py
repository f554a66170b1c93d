"""The command `tutorials`: one module per group of commands."""

from pipelines.cli.main import app, main

__all__ = ["app", "main"]
