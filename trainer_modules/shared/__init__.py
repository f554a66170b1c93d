"""Code that the trainer modules of all tutorials share."""
