"""Reads labeled texts, one per file, from archives and folders."""
