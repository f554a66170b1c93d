"""Stops a run before Transform when the data is bad. Imports without TFX."""

VERDICT_FILE = "anomalies.json"
"""The anomalies that the data gate found, below its verdict's folder."""
