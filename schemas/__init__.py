"""Curated schemas, one NAME.pbtxt per tutorial, and what reads them."""
