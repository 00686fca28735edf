"""The log of events."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, Text

revision = "s001"
down_revision = None

BIG = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "status_epochs",
        Column("epoch", Text, primary_key=True),
        Column("first_seq", BigInteger, nullable=False, unique=True),
        Column("started_at", BigInteger, nullable=False),
    )
    op.create_table(
        "status_head",
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("seq", BigInteger, nullable=False),
        Column("oldest", BigInteger, nullable=False),
        Column("fingerprint", Text, nullable=False),
    )
    op.create_table(
        "status_events",
        Column("seq", BIG, primary_key=True, autoincrement=False),
        Column("at", BigInteger, nullable=False),
        Column("type", Text, nullable=False),
        Column("key", BigInteger, nullable=False),
        Column("event", Text, nullable=False),
        Column("buildsetid", BigInteger),
        Column("builderid", BigInteger),
        Column("workerid", BigInteger),
        Column("buildid", BigInteger),
        Column("stepid", BigInteger),
        Column("codebaseid", BigInteger),
        Column("number", BigInteger),
        Column("body", Text, nullable=False),
        Column("changed", Text),
    )


def downgrade() -> None:
    for table in ("status_events", "status_head", "status_epochs"):
        op.drop_table(table)
