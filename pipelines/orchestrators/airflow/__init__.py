"""Deploys a pipeline to Airflow."""
