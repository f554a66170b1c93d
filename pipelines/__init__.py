"""What is run, and the ways to run it."""
