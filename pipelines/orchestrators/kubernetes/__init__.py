"""Kubernetes: a CronJob that runs the pipeline in one pod, and a server for its models."""
