"""What the tutorials' trainer modules share."""
