"""What a database looks like from outside: enough to tell whether somebody else has written to it.

A stock master that has had the database has renewed its own sign of life, and whatever it built has ids.
"""

from __future__ import annotations

import json

from sqlalchemy import Text, cast, func, literal, select, union_all

from buildbot.db import schema
from buildbot.db.writes.transaction import Transaction

_KEYS = (
    schema.builds.c.id,
    schema.buildrequests.c.id,
    schema.buildsets.c.id,
    schema.changes.c.changeid,
    schema.steps.c.id,
    schema.logs.c.id,
)
_FINGERPRINT = union_all(
    *(select(cast(literal(key.table.name, Text), Text), func.max(key)) for key in _KEYS),
    select(cast(schema.masters.c.id, Text), schema.masters.c.last_active),
)


def fingerprint(tx: Transaction) -> str:
    """The largest ids, and each master's last sign of life, as JSON."""
    return json.dumps(dict(sorted(tx.execute(_FINGERPRINT))), separators=(",", ":"))
