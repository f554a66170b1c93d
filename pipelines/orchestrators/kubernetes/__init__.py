"""Kubernetes: a CronJob that runs the pipeline in one pod, and TensorFlow Serving for its models."""
