"""SIGHUP, which asks a process to read its configuration again."""

from __future__ import annotations

import signal
from collections.abc import Callable


class HangUps:
    """From the moment that this is made, none ends the process; those that come before anybody listens are not lost."""

    def __init__(self) -> None:
        self._came = False
        self._tell: Callable[[], object] | None = None
        signal.signal(signal.SIGHUP, self._hungUp)

    def _hungUp(self, *_: object) -> None:
        if self._tell is None:
            self._came = True
        else:
            self._tell()

    def listen(self, tell: Callable[[], object]) -> None:
        """Have ``tell()`` called at each, in the middle of whatever the main thread does; at once if one has come."""
        self._tell = tell
        if self._came:
            tell()
