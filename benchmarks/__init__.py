"""Measures what the project's own components gain over stock TFX."""
