"""Counts as a table."""

from __future__ import annotations

from tally.count import Counts

HEADINGS = ("lines", "words", "characters", "file")


def asTable(rows: list[tuple[str, Counts]]) -> str:
    """One line for each file, numbers to the right, under a line of headings."""
    cells = [HEADINGS]
    cells += [(str(c.lines), str(c.words), str(c.characters), name) for name, c in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(3)]
    lines = [
        " ".join([*(cell.rjust(width) for cell, width in zip(row, widths)), row[3]])
        for row in cells
    ]
    return "\n".join(lines) + "\n"
