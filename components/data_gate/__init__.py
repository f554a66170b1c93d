"""Stops a run before Transform when the data is bad."""
