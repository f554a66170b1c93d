"""Ours against others, side by side."""
