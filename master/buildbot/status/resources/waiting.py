"""Which build requests wait, and in which order; shared by builders and requests."""

from __future__ import annotations

from buildbot.status.definition import SQL


def isWaiting(t: SQL, q: SQL) -> SQL:
    """Nobody has claimed it and it is not complete."""
    claims = q.buildrequest_claims
    return (t.complete == 0) & ~q.exists(claims, claims.brid == t.id)


def position(t: SQL, q: SQL) -> SQL:
    """From 1; null for one that does not wait. A higher priority goes first, then the older."""
    other = q.another("buildrequests")
    before = (
        (other.priority > t.priority)
        | ((other.priority == t.priority) & (other.submitted_at < t.submitted_at))
        | ((other.priority == t.priority) & (other.submitted_at == t.submitted_at) & (other.id < t.id))
    )
    ahead = q.one(q.func.count(), other, other.builderid == t.builderid, isWaiting(other, q), before)
    return q.case((isWaiting(t, q), ahead + 1), default=None)
