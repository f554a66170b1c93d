"""What runs leave behind: metadata, history, results, and pages."""
