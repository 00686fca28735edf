"""Consumers that can be paused, moved and looked at, and deliveries that can be named."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, SmallInteger, Text, UniqueConstraint

revision = "s003"
down_revision = "s002"

BIG = BigInteger().with_variant(Integer, "sqlite")
CONSUMERS = """
    INSERT INTO status_consumers (name, cursor, updated_at)
    SELECT name, cursor, updated_at FROM status_before_consumers ORDER BY name
"""
DELIVERIES = """
    INSERT INTO status_deliveries
        (consumerid, cursor, method, key, seq, state, attempts, failed_at, error, topic, event, body)
    SELECT status_consumers.id, d.cursor, d.method, d.key, d.seq, d.state, d.attempts, d.failed_at, d.error,
        {member}'topic', {member}'event', d.body
    FROM status_before_deliveries AS d JOIN status_consumers ON status_consumers.name = d.consumer
    ORDER BY d.seq, d.method
"""
MEMBER = {"sqlite": "d.body ->> ", "postgresql": "CAST(d.body AS json) ->> "}
DELIVERIES_BACK = """
    INSERT INTO status_deliveries (consumer, cursor, method, key, seq, state, attempts, failed_at, error, body)
    SELECT c.name, d.cursor, d.method, d.key, d.seq, d.state, d.attempts, d.failed_at, d.error, d.body
    FROM status_before_deliveries AS d JOIN status_before_consumers AS c ON c.id = d.consumerid
"""


def upgrade() -> None:
    _setAside()
    op.create_table(
        "status_consumers",
        Column("id", BIG, primary_key=True),
        Column("name", Text, nullable=False),
        Column("cursor", Text, nullable=False),
        Column("lag", BigInteger),
        Column("behind_since", BigInteger),
        Column("paused", SmallInteger, nullable=False, server_default="0"),
        Column("running", SmallInteger, nullable=False, server_default="0"),
        Column("replay_cursor", Text),
        Column("replay_until", Text),
        Column("gaps", Integer, nullable=False, server_default="0"),
        Column("missed_at", BigInteger),
        Column("missed_since", Text),
        Column("missed_until", Text),
        Column("updated_at", BigInteger, nullable=False),
        UniqueConstraint("name", name="status_uq_consumers"),
    )
    op.create_table(
        "status_deliveries",
        Column("id", BIG, primary_key=True),
        Column("consumerid", BigInteger, nullable=False),
        Column("cursor", Text, nullable=False),
        Column("method", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("seq", BigInteger, nullable=False),
        Column("state", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("failed_at", BigInteger),
        Column("error", Text),
        Column("topic", Text, nullable=False),
        Column("event", Text, nullable=False),
        Column("is_replay", SmallInteger, nullable=False, server_default="0"),
        Column("body", Text, nullable=False),
        UniqueConstraint("consumerid", "cursor", "method", name="status_uq_deliveries"),
        sqlite_autoincrement=True,
    )
    op.execute(CONSUMERS)
    op.execute(DELIVERIES.format(member=MEMBER[op.get_bind().dialect.name]))
    _drop()


def downgrade() -> None:
    _setAside()
    op.create_table(
        "status_consumers",
        Column("name", Text, primary_key=True),
        Column("cursor", Text, nullable=False),
        Column("updated_at", BigInteger, nullable=False),
    )
    op.create_table(
        "status_deliveries",
        Column("consumer", Text, primary_key=True),
        Column("cursor", Text, primary_key=True),
        Column("method", Text, primary_key=True),
        Column("key", Text, nullable=False),
        Column("seq", BigInteger, nullable=False),
        Column("state", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("failed_at", BigInteger),
        Column("error", Text),
        Column("body", Text, nullable=False),
    )
    op.execute(CONSUMERS)
    op.execute(DELIVERIES_BACK)
    _drop()


def _setAside() -> None:
    """Into tables without constraints, whose names the new ones take."""
    for table in ("consumers", "deliveries"):
        op.execute(f"CREATE TABLE status_before_{table} AS SELECT * FROM status_{table}")
        op.drop_table(f"status_{table}")


def _drop() -> None:
    for table in ("deliveries", "consumers"):
        op.drop_table(f"status_before_{table}")
