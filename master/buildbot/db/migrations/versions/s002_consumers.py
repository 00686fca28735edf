"""Those who follow the log by name, and what they have not handled."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, Text

revision = "s002"
down_revision = "s001"


def upgrade() -> None:
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


def downgrade() -> None:
    for table in ("status_deliveries", "status_consumers"):
        op.drop_table(table)
