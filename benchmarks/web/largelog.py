"""A log of a hundred megabytes for the first step of the newest build."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

from ..database import STEPS
from .rows import BUILDS

SIZE = 100_000_000
LINES = 700
"""Of a chunk, which is about 64 KiB."""
BROKEN = 3 / 4
"""So far down is the first line that tells of an error."""
LOG = 1_000_000
"""The log's id."""


def addLargeLog(path: Path) -> None:
    """Write it, as a master does: in compressed chunks."""
    line = "ocompiling src/module{0:03}/file{1:07}.c with all warnings: the {1:07}th of many files\n"
    length = len(line.format(0, 0))
    lines = SIZE // length
    broken = int(lines * BROKEN)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "INSERT INTO logs (id, name, slug, stepid, complete, num_lines, type)"
            " VALUES (?, 'stdio', 'stdio', ?, 1, ?, 's')",
            (LOG, STEPS * (BUILDS - 1) + 1, lines),
        )
        database.executemany(
            "INSERT INTO logchunks (logid, first_line, last_line, content, compressed) VALUES (?, ?, ?, ?, 1)",
            (
                (
                    LOG,
                    first,
                    last - 1,
                    zlib.compress("".join(_said(line, n, broken) for n in range(first, last))[:-1].encode(), 1),
                )
                for first in range(0, lines, LINES)
                for last in (min(first + LINES, lines),)
            ),
        )


def _said(line: str, number: int, broken: int) -> str:
    return "oerror: something is wrong here\n" if number == broken else line.format(number % 997, number)
