"""Runs a pipeline with Docker Compose."""
