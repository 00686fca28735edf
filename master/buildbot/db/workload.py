"""How much there is to do: what runs, what waits and who could do it, for metrics. What that costs grows with what is
under way, never with what was built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from buildbot.db.snapshot import Snapshot

MOST = 20_000
"""Open requests that are looked at. Where more wait, something else is wrong, and the numbers are of so many."""

_OPEN = f"(SELECT id, builderid, submitted_at FROM buildrequests WHERE complete = 0 LIMIT {MOST}) AS r"
RUNNING = f"""SELECT b.builderid, count(*) FROM {_OPEN} JOIN builds AS b ON b.buildrequestid = r.id
    WHERE b.complete_at IS NULL GROUP BY b.builderid"""
"""What runs is found by its request, because there is no index on the end of builds."""
PENDING = f"""SELECT r.builderid, count(*), min(r.submitted_at) FROM {_OPEN}
    LEFT JOIN buildrequest_claims AS c ON c.brid = r.id WHERE c.brid IS NULL GROUP BY r.builderid"""
WORKERS = """SELECT count(*), sum(CASE WHEN paused <> 0 THEN 1 ELSE 0 END), sum(CASE WHEN EXISTS
    (SELECT 1 FROM connected_workers AS c WHERE c.workerid = w.id) THEN 1 ELSE 0 END) FROM workers AS w"""
NAMES = "SELECT id, name FROM builders WHERE id IN ({})"


@attrs.frozen
class Workload:
    """What is under way, at one moment."""

    running: Mapping[int, int]
    """Builds, by builderid."""
    pending: Mapping[int, tuple[int, int]]
    """Requests that nobody has claimed, by builderid: how many, and when the oldest came, seconds since the epoch."""
    workers: int
    paused: int
    connected: int
    """Workers that a master is connected to."""


def workload(snapshot: Snapshot) -> Workload:
    """Read it."""
    running = dict(snapshot.rows(RUNNING, {}))
    pending = {builderid: (count, oldest) for builderid, count, oldest in snapshot.rows(PENDING, {})}
    [(workers, paused, connected)] = snapshot.rows(WORKERS, {})
    return Workload(running, pending, workers, paused or 0, connected or 0)


def builderNames(snapshot: Snapshot, ids: Iterable[int]) -> Mapping[int, str]:
    """Those of builders that there are."""
    listed = ", ".join(str(int(id)) for id in ids)
    return dict(snapshot.rows(NAMES.format(listed), {})) if listed else {}
