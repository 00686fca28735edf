"""Places in the event stream."""

from __future__ import annotations

import re
from typing import Self

import attrs

from buildbot.errors import BadQuery

_FORM = re.compile(r"([0-9a-f]{16})\.(0|[1-9][0-9]{0,18})(?:\.([1-9][0-9]{0,9}))?")


@attrs.frozen
class Cursor:
    """A place in the event stream: everything after it can be had again, as long as it is kept.

    Callers treat its text as opaque.
    """

    epoch: str
    """The history that it belongs to: 16 hexadecimal digits."""
    seq: int
    """The number of the last event before it."""
    line: int = 0
    """Where the next event tells of lines: this is the next one of them; 0: all of them are to come."""

    def __str__(self) -> str:
        return f"{self.epoch}.{self.seq}.{self.line}" if self.line else f"{self.epoch}.{self.seq}"

    @classmethod
    def parse(cls, text: str, parameter: str = "since") -> Self:
        """The cursor that a text stands for. Raises BadQuery if it cannot be one, which names the parameter."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise BadQuery(
                f"{parameter}={text[:60]}: this is no cursor; one is had with every answer and every event, and given "
                "back as it is",
                parameter=parameter,
            )
        return cls(match[1], int(match[2]), int(match[3] or 0))


def seqOf(cursor: str) -> int:
    """A cursor's place among the others of the log."""
    return Cursor.parse(cursor).seq
