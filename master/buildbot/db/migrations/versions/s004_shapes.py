"""Events say whether they have all of their record."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column

revision = "s004"
down_revision = "s003"


def upgrade() -> None:
    op.add_column("status_events", Column("shape", BigInteger))


def downgrade() -> None:
    op.drop_column("status_events", "shape")
