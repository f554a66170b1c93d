"""The results of a run, for people and for programs. Imports without TFX."""

SUMMARY_FILE = "summary.json"
PAGE_FILE = "report.html"
