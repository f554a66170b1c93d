"""The records of runs: metadata, history, results, and pages."""
