"""Kubeflow Pipelines 2: a pipeline definition, and the artifacts of its runs."""
