"""Counts lines, words and characters of text files."""

__version__ = "0.1"
