"""Things that are found by a hash or a name, and made when they are first named; they are never deleted."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, bindparam, select
from sqlalchemy.sql import ClauseElement

from buildbot.db.writes.transaction import Transaction, insertInto


def hashOf(*fields: str | int | None) -> str:
    """The hash in ``name_hash`` and ``ss_hash``; it is stored, so the recipe is Buildbot's."""
    parts = (b"\xf5" if field is None else str(field).encode("utf-8", "surrogatepass") for field in fields)
    return hashlib.sha1(b"\0".join(parts)).hexdigest()


def named(tx: Transaction, table: Table, name: str, **more: Any) -> tuple[int, bool]:
    """The id of a thing with that name, and whether it is new; ``more`` is what a new one has."""
    return found(tx, table, {"name_hash": hashOf(name)}, {"name": name, **more})


def found(tx: Transaction, table: Table, by: dict[str, Any], more: dict[str, Any]) -> tuple[int, bool]:
    """The key of the row with these values, and whether it is new; ``more`` is what else a new one has."""
    rows = tx.execute(_select(table, tuple(by)), by)
    if rows:
        return rows[0][0], False
    row = {**by, **more}
    return tx.execute(_insert(table, tuple(row)), row)[0][0], True


@lru_cache(maxsize=100)
def _select(table: Table, columns: tuple[str, ...]) -> ClauseElement:
    (key,) = table.primary_key.columns
    return select(key).where(*(table.c[name] == bindparam(name) for name in columns))


@lru_cache(maxsize=100)
def _insert(table: Table, columns: tuple[str, ...]) -> ClauseElement:
    (key,) = table.primary_key.columns
    return insertInto(table, *columns, returning=key.name)
