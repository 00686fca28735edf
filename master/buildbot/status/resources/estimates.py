"""When something that runs will be complete: from how long it took before."""

from __future__ import annotations

from buildbot.status.definition import SQL

RUNS = 5
"""How many earlier runs count. Jenkins takes the mean of the last successful builds as well (three of them)."""
BUILD = f"""When it will be complete: its start and the mean duration of the builder's last {RUNS} builds that ended
with success or warnings. Null once it is complete, or without such builds."""
STEP = f"""When it will be complete: its start and the mean duration of the step of the same name in the last {RUNS}
builds of the builder that ended with success or warnings. Null unless it runs, or without such steps."""


def _good(builds: SQL, builderid: SQL, q: SQL) -> SQL:
    """Ids of the builder's last builds that say how long one takes."""
    return (
        q.select(builds.id)
        .where(builds.builderid == builderid, builds.results.in_([0, 1]), builds.complete_at.is_not(None))
        .order_by(builds.number.desc())
        .limit(RUNS)
    )


def _mean(t: SQL, q: SQL) -> SQL:
    return q.func.round(q.func.avg(t.complete_at - t.started_at))


def build(t: SQL, q: SQL) -> SQL:
    """Expected completion of a build."""
    earlier = q.builds
    mean = q.one(_mean(earlier, q), earlier, earlier.id.in_(_good(q.another("builds"), t.builderid, q)))
    return q.case((t.complete_at.is_(None), q.integer(t.started_at + mean)), default=None)


def step(t: SQL, q: SQL) -> SQL:
    """Expected completion of a step."""
    earlier, mine = q.steps, q.another("builds")
    builderid = q.one(mine.builderid, mine, mine.id == t.buildid)
    mean = q.one(
        _mean(earlier, q),
        earlier,
        earlier.buildid.in_(_good(q.another("builds"), builderid, q)),
        earlier.name == t.name,
    )
    return q.case((t.complete_at.is_(None), q.integer(t.started_at + mean)), default=None)
