"""Samples in the layout of the official downloads, from seeded generators."""
