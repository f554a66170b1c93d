"""Curated schemas, one NAME.pbtxt per tutorial."""
