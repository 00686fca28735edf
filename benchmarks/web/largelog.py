"""Logs of a hundred megabytes for the first step of the newest build."""

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
BROKEN = {"stdio": 3 / 4, "early": 1 / 25}
"""By the names of the logs: so far down is the first line that tells of an error. The second one is in the first five
megabytes."""
LOG = 1_000_000
"""The first log's id."""


def addLargeLogs(path: Path) -> None:
    """Write them, as a master does: in compressed chunks."""
    with closing(sqlite3.connect(path)) as database, database:
        for logid, (name, broken) in enumerate(BROKEN.items(), LOG):
            _add(database, logid, name, broken)


def _add(database: sqlite3.Connection, logid: int, name: str, brokenAt: float) -> None:
    line = "ocompiling src/module{0:03}/file{1:07}.c with all warnings: the {1:07}th of many files\n"
    length = len(line.format(0, 0))
    lines = SIZE // length
    broken = int(lines * brokenAt)
    database.execute(
        "INSERT INTO logs (id, name, slug, stepid, complete, num_lines, type) VALUES (?, ?, ?, ?, 1, ?, 's')",
        (logid, name, name, STEPS * (BUILDS - 1) + 1, lines),
    )
    database.executemany(
        "INSERT INTO logchunks (logid, first_line, last_line, content, compressed) VALUES (?, ?, ?, ?, 1)",
        (
            (
                logid,
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
