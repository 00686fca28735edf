"""How listeners stand: how far they are behind the log, and since when."""

from __future__ import annotations

from collections import deque

import attrs

KEPT = 1_000
"""Looks at the log that are remembered."""


@attrs.frozen
class Standing:
    """One listener, as it is now."""

    name: str
    cursor: str | None
    """Everything up to it was handled, or has a row; None for one that has not begun."""
    lag: int | None
    """Events of the log that it has still to look at, whether or not it wants to hear of them, a few seconds ago; None
    before the first look, and where the connection tells no cursors."""
    behindSince: int | None
    """When the oldest of them happened, within a few seconds, in seconds since the epoch; None: there are none."""
    waiting: int
    """Deliveries that wait for a next attempt, or for one before them of their key."""
    parked: int
    """Deliveries that were given up."""
    paused: bool
    """It is told nothing until somebody resumes it."""
    gaps: int
    """How often, since the start, what came next for it was not kept any more."""


class Pace:
    """When the log was where: what tells since when a place has been passed."""

    def __init__(self) -> None:
        self._looks: deque[tuple[int, int]] = deque(maxlen=KEPT)

    @property
    def head(self) -> int | None:
        """The newest number that was seen."""
        return self._looks[-1][0] if self._looks else None

    def look(self, head: int, now: int) -> None:
        """The log ends there now."""
        if not self._looks or head > self._looks[-1][0]:
            self._looks.append((head, now))

    def passed(self, seq: int, before: int | None = None) -> int | None:
        """When the log was seen to be past a number; None: it is not. ``before``: what was known of that place already,
        which is as good if it was passed before the first look that is remembered."""
        for index, (head, at) in enumerate(self._looks):
            if head > seq:
                return before if index == 0 and before is not None else at
        return None
