"""What a handler may raise to say how its delivery goes on.

A :class:`~buildbot.errors.ConfigError` does as :class:`Parked` does, because it is the same the next time; anything
else is tried again, with pauses that grow.
"""

from __future__ import annotations


class Parked(Exception):
    """Trying again cannot help: the delivery is parked at once, with this reason, and those after it go on."""

    def __init__(self, reason: str) -> None:
        """``reason``: one sentence, for whoever is to decide what becomes of it."""
        super().__init__(reason)
        self.reason = reason


class RetryAfter(Exception):
    """Not now: the delivery is tried again in so many seconds, or later if it has failed often. It is one of its
    attempts."""

    def __init__(self, seconds: float, reason: str) -> None:
        """``seconds``: from now on; past a day, a day. ``reason``: one sentence, for whoever looks what is waiting."""
        super().__init__(reason)
        self.seconds, self.reason = seconds, reason


class Paused(Exception):
    """Nothing is to be told any more: the listener is paused, as an operator pauses it. When somebody resumes it, it
    goes on with this delivery."""

    def __init__(self, reason: str) -> None:
        """``reason``: one sentence, for whoever is to decide whether it goes on."""
        super().__init__(reason)
        self.reason = reason
