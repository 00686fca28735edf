"""Rows by table, before any database is there, and the hashes that Buildbot finds things by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import attrs
from sqlalchemy import Integer

from buildbot.db import schema

Row = dict[str, Any]

EPOCH = 1_700_000_000
"""When the generated history begins."""


def hashOf(*fields: str | int | None) -> str:
    """The hash in ``name_hash`` and ``ss_hash``: a stored value, so the recipe is Buildbot's."""
    parts = (b"\xf5" if field is None else str(field).encode() for field in fields)
    return hashlib.sha1(b"\0".join(parts)).hexdigest()


def asJson(value: Any) -> str:
    """JSON as it is stored: Python's default separators, and nothing but ASCII."""
    return json.dumps(value)


@attrs.frozen
class Rows:
    """Rows by table name, in the order in which they were added. Ids are counted from 1 unless given."""

    tables: dict[str, list[Row]] = attrs.field(factory=lambda: {name: [] for name in schema.metadata.tables})

    def add(self, table: str, **values: Any) -> int:
        """Add a row; its id, or 0 where a table has none."""
        rows = self.tables[table]
        key = _KEYS.get(table)
        if key is not None and key not in values:
            values = {key: 1 + max((row[key] for row in rows), default=0), **values}
        rows.append(values)
        return int(values[key]) if key is not None else 0

    def named(self, table: str, name: str, **values: Any) -> int:
        """Add a thing that is found by the hash of its name."""
        return self.add(table, name=name, name_hash=hashOf(name), **values)

    def link(self, table: str, column: str, one: int, other: str, many: Iterable[int]) -> None:
        """Add a row for each of ``many`` that a thing is linked to."""
        for each in many:
            self.add(table, **{column: one, other: each})

    def ids(self, table: str) -> list[int]:
        key = _KEYS[table]
        return [row[key] for row in self.tables[table]]

    def row(self, table: str, id: int) -> Row:
        """The row of that id."""
        key = _KEYS[table]
        return next(row for row in self.tables[table] if row[key] == id)


def _ownKeys() -> dict[str, str]:
    keys = {}
    for name, table in schema.metadata.tables.items():
        columns = list(table.primary_key.columns)
        if len(columns) == 1 and isinstance(columns[0].type, Integer) and not columns[0].foreign_keys:
            keys[name] = columns[0].name
    return keys


_KEYS = _ownKeys()
