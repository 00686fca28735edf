"""What the database room counts. Plain numbers, changed on the reactor thread only; whoever exports them
reads them."""

from __future__ import annotations

import attrs


@attrs.define
class RunMetrics:
    """The runs of one transaction name in one lane since the start; times in seconds."""

    runs: int = 0
    """Runs that were answered, whether with a result or an error."""
    failed: int = 0
    """Of these, the ones that ended with an error, those past their deadline included."""
    cancelled: int = 0
    """Runs that their caller gave up; not in ``runs``."""
    deadlineExceeded: int = 0
    waitSeconds: float = 0.0
    """From :meth:`Database.run` until a thread took it."""
    runSeconds: float = 0.0
    """From there until its result or error was there."""
    repeats: int = 0
    """How often the function was called once more because the database changed below it or went away."""


@attrs.define
class LaneMetrics:
    """One lane."""

    threads: int
    outstanding: int = 0
    """Runs that were accepted and not yet answered."""
    refused: int = 0
    """Runs that were not accepted, because too many were outstanding."""

    @property
    def running(self) -> int:
        return min(self.outstanding, self.threads)

    @property
    def waiting(self) -> int:
        return self.outstanding - self.running


@attrs.define
class Metrics:
    """All numbers of one database. ``runs`` has a key for each (transaction name, lane) that was ever run."""

    runs: dict[tuple[str, str], RunMetrics] = attrs.Factory(dict)
    lanes: dict[str, LaneMetrics] = attrs.Factory(dict)
    connects: int = 0
    """Connections that were opened."""
    unavailable: int = 0
    """Runs that failed because the database could not be read."""

    def of(self, name: str, lane: str) -> RunMetrics:
        """The numbers of one transaction name in one lane; made at its first run."""
        key = (name, lane)
        found = self.runs.get(key)
        if found is None:
            found = self.runs[key] = RunMetrics()
        return found
