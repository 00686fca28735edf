"""Tables of our own: the log of events. They live beside Buildbot's, or in a state file where we only read.

A stock master ignores them. They are no part of :data:`buildbot.db.schema.metadata`, which says what Buildbot's
database is, and have an alembic version table of their own.
"""

from __future__ import annotations

import re

from sqlalchemy import BigInteger, Column, Integer, MetaData, SmallInteger, Table, Text, UniqueConstraint

metadata = MetaData()

CHANNEL = "status_events"
"""PostgreSQL's NOTIFY in each transaction that appends events; the payload is the newest number, in decimal."""

NO_TABLES = "The database has no tables for events: 'buildbot upgrade-db' makes them."
"""What somebody is told who wants to read or write events where there are none."""

OLD_TABLES = "The database's tables for events are of an older version: 'buildbot upgrade-db' brings them up to date."
"""The same, where there are others."""

_LACKING = {
    NO_TABLES: re.compile('no such table: status_|relation "status_'),
    OLD_TABLES: re.compile(r'column:? status_|table status_\w+ has no column|of relation "status_'),
}
"""What SQLite and PostgreSQL say then."""


def lacking(error: Exception) -> str | None:
    """Which of these two sentences explains that a table or a column cannot be found; None: it is not one of ours."""
    said = str(error)
    # The more particular one last: a column "of relation" names its table, too.
    return next((sentence for sentence, pattern in reversed(_LACKING.items()) if pattern.search(said)), None)


BIG = BigInteger().with_variant(Integer, "sqlite")
"""64 bits; SQLite keeps a table by a key of this type, and needs no index for it."""

status_epochs = Table(
    # One row at each start of a writer: from this number on, the log is one history.
    "status_epochs",
    metadata,
    Column("epoch", Text, primary_key=True),
    # Opening an epoch takes this number; no event has it. So no two epochs begin at the same one, and each number
    # belongs to the epoch that begins at or before it.
    Column("first_seq", BigInteger, nullable=False, unique=True),
    Column("started_at", BigInteger, nullable=False),
)

status_head = Table(
    # One row, updated last in each transaction that writes.
    "status_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    # The smallest number whose predecessor is still known: what comes after a cursor is complete from oldest - 1 on.
    Column("oldest", BigInteger, nullable=False),
    # What the database looked like after the last transaction of ours; see buildbot.db.writes.fingerprint.
    Column("fingerprint", Text, nullable=False),
)

status_events = Table(
    "status_events",
    metadata,
    Column("seq", BIG, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    # The plural of the resource type, its key, and a word of its topics.
    Column("type", Text, nullable=False),
    Column("key", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    # The record's own columns by which topics match.
    Column("buildsetid", BigInteger),
    Column("builderid", BigInteger),
    Column("workerid", BigInteger),
    Column("buildid", BigInteger),
    Column("stepid", BigInteger),
    Column("codebaseid", BigInteger),
    Column("number", BigInteger),
    # The record after the change, as JSON; for an append to a log, which lines.
    Column("body", Text, nullable=False),
    # The old values of filterable fields that changed, as a JSON object; null for what is new.
    Column("changed", Text),
    # A number for the fields of the body, if it has all that a record had for who wrote it; see
    # buildbot.status.events.event.shapeOf. Null: it has less, or nobody knows.
    Column("shape", BigInteger),
)

PARENTS = ("buildsetid", "builderid", "workerid", "buildid", "stepid", "codebaseid", "number")
"""The columns of events by which topics match."""

status_consumers = Table(
    # Who follows the log by name and does not want to miss anything: a listener.
    "status_consumers",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("name", Text, nullable=False),
    # As callers hold it. Everything up to it was handled, or is a row of status_deliveries.
    Column("cursor", Text, nullable=False),
    # How many events of the log it had still to look at, and since when there have been any, as of a moment ago; null:
    # nobody knows, and there were none.
    Column("lag", BigInteger),
    Column("behind_since", BigInteger),
    # Whether it is told nothing until it is resumed, and whether a process runs it.
    Column("paused", SmallInteger, nullable=False, server_default="0"),
    Column("running", SmallInteger, nullable=False, server_default="0"),
    # What is replayed: up to where that has come, and its end; null: nothing is.
    Column("replay_cursor", Text),
    Column("replay_until", Text),
    # What it was not told because it was not kept any more: how often; the last time, when and what.
    Column("gaps", Integer, nullable=False, server_default="0"),
    Column("missed_at", BigInteger),
    Column("missed_since", Text),
    Column("missed_until", Text),
    # When the cursor moved last.
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("name", name="status_uq_consumers"),
)

status_deliveries = Table(
    # What lies before its consumer's cursor and was not handled yet, or was given up.
    "status_deliveries",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("consumerid", BigInteger, nullable=False),
    # The place after the event: the same for each attempt at it.
    Column("cursor", Text, nullable=False),
    # The listener's method, because several may be for one event.
    Column("method", Text, nullable=False),
    # Deliveries with the same key are handled one after the other, in the order of seq.
    Column("key", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    # waiting: for its turn, or the next attempt; parked: given up.
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    # When the last attempt failed, and with what; null before the first.
    Column("failed_at", BigInteger),
    Column("error", Text),
    # What happened to what: builds/7/finished, finished.
    Column("topic", Text, nullable=False),
    Column("event", Text, nullable=False),
    # Somebody asked for it once more.
    Column("is_replay", SmallInteger, nullable=False, server_default="0"),
    # What is delivered, as a JSON object: type, record, changed, extra.
    Column("body", Text, nullable=False),
    UniqueConstraint("consumerid", "cursor", "method", name="status_uq_deliveries"),
    # No id comes again, so that what somebody does to one that is gone meets no other.
    sqlite_autoincrement=True,
)
