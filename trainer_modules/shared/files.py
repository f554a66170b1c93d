"""The files that a Trainer writes for the report. Imports without TensorFlow."""

HISTORY_FILE = "history.csv"
"""One line per epoch: EPOCH_COLUMN, the metrics on train, the metrics on eval with the prefix
EVAL_PREFIX, and SECONDS_COLUMN."""

EPOCH_COLUMN = "epoch"
SECONDS_COLUMN = "seconds"
EVAL_PREFIX = "val_"

CHOICE_FILE = "choice.json"
"""The epoch that was kept; see `history.write_choice`."""

INSIGHTS_FOLDER = "insights"
"""One JSON file per insight; see `insights.write_insight`."""
