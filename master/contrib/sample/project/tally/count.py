"""Counting, without reading or printing anything."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    lines: int = 0
    words: int = 0
    characters: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.lines + other.lines,
            self.words + other.words,
            self.characters + other.characters,
        )


def countText(text: str) -> Counts:
    """The counts of one text. A last line without a newline is a line too."""
    return Counts(len(text.splitlines()), len(text.split()), len(text))
