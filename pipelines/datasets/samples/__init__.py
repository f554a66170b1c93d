"""Samples in the layout of the official downloads, made by seeded generators."""
