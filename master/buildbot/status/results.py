"""What became of builds and steps, in a word."""

RESULTS = ("success", "warnings", "failure", "skipped", "exception", "retry", "cancelled")
"""By result code."""
