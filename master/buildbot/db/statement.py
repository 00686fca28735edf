"""What a query becomes before it is executed: text of one dialect, kept for each query shape."""

from __future__ import annotations

import attrs


@attrs.frozen
class Statement:
    """One SQL statement, compiled once and executed many times with other values.

    ``sql`` is the text of the dialect that it was compiled for, with placeholders ``:name`` (SQLite) or
    ``%(name)s`` (PostgreSQL); the values come as a mapping to :meth:`buildbot.db.connector.Snapshot.rows`.
    """

    sql: str
