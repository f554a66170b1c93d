"""The model that a new one is measured against."""
