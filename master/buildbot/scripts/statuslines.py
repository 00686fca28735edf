"""What happened, in one line each, for people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from unicodedata import combining, east_asian_width

import attrs
import click

from buildbot.status.results import RESULTS

COLOURS: Mapping[str, Mapping[str, Any]] = {
    "success": {"fg": "green"},
    "warnings": {"fg": "yellow"},
    "failure": {"fg": "red", "bold": True},
    "skipped": {"dim": True},
    "exception": {"fg": "magenta", "bold": True},
    "retry": {"fg": "yellow"},
    "cancelled": {"fg": "magenta"},
    "notice": {"bold": True},
    "away": {"fg": "yellow"},
}
NARROWEST, WIDEST = 14, 28
"""Columns for what it happened to: as many as needed so far, between these."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


@attrs.frozen
class Line:
    """One thing that happened."""

    at: int
    """Seconds since the epoch."""
    what: str
    """To what it happened: ``linux #7``."""
    text: str
    colour: str = ""
    """A key of :data:`COLOURS`, or none."""


class Lines:
    """Lines as they are printed, with a line before each new day."""

    def __init__(self, width: int | None, *, colours: bool) -> None:
        """``width``: columns, to which lines are cut; None: as long as they are."""
        self._width, self._colours = width, colours
        self._what = NARROWEST
        self._day: date | None = None

    def written(self, line: Line) -> str:
        """The text of a line, without a line break at its end."""
        when = datetime.fromtimestamp(line.at, UTC).astimezone()
        before = ""
        if when.date() != self._day:
            self._day = when.date()
            before = self._styled(f"-- {when:%A, %d %B %Y}", "notice") + "\n"
        what = plain(line.what)
        self._what = max(self._what, min(columns(what), WIDEST))
        what += " " * (self._what - columns(what))
        head = f"{when:%H:%M:%S}  {what}  "
        return before + head + self._styled(self._cut(plain(line.text), columns(head)), line.colour)

    def notice(self, text: str) -> str:
        """Something about the lines themselves."""
        return self._styled(f"-- {plain(text)}", "notice")

    def _cut(self, text: str, before: int) -> str:
        if self._width is None or before + columns(text) <= self._width:
            return text
        left = self._width - before - 1
        kept = ""
        for character in text:
            left -= columns(character)
            if left < 0:
                break
            kept += character
        return f"{kept}…"

    def _styled(self, text: str, colour: str) -> str:
        return click.style(text, **COLOURS[colour]) if self._colours and colour else text


def plain(text: str) -> str:
    """On one line, and with nothing in it that a terminal would obey."""
    return _CONTROL.sub(" ", text).strip()


def columns(text: str) -> int:
    """How many a terminal needs."""
    return sum(0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in text)


def took(seconds: int) -> str:
    """A time in words, as short as it may be: ``1 h 5 min``."""
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


def ended(record: Any) -> tuple[str, str]:
    """How a build or step has ended, as a word, and how long it took."""
    word = RESULTS[record.results] if record.results in range(len(RESULTS)) else "ended"
    if record.started_at is None or record.complete_at is None:
        return word, ""
    return word, f" ({took(max(record.complete_at - record.started_at, 0))})"
