"""What a Trainer leaves beside its model for the report. Imports without TensorFlow."""

HISTORY_FILE = "history.csv"
"""A line per epoch: EPOCH_COLUMN, the metrics on train, those on eval with EVAL_PREFIX before their
names, and SECONDS_COLUMN."""

EPOCH_COLUMN = "epoch"
SECONDS_COLUMN = "seconds"
EVAL_PREFIX = "val_"

CHOICE_FILE = "choice.json"
"""Which epoch's model was kept; see `history.write_choice`."""

INSIGHTS_FOLDER = "insights"
"""A JSON file per insight; see `insights.write_insight`."""
