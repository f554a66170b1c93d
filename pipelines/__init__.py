"""The pipelines and the ways to run them."""
