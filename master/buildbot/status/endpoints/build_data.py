"""The bytes of build data, read in slices."""

from __future__ import annotations

from typing import Any

import attrs
from sqlalchemy import bindparam, func, select
from twisted.internet.defer import Deferred, succeed

from buildbot.db import schema
from buildbot.db.connector import Database, Snapshot
from buildbot.status.custom import EndpointCall
from buildbot.status.streams import StreamHead

SLICE = 256 * 1024


@attrs.define
class ValueStream:
    """Bytes ``at`` to ``end`` (not included) of a value."""

    head: StreamHead
    _database: Database
    _sql: str
    _dataid: int
    _at: int
    _end: int

    def part(self, first: int, last: int) -> ValueStream:
        """The bytes ``first`` to ``last``, both included, as a stream of its own."""
        return ValueStream(self.head, self._database, self._sql, self._dataid, first, last + 1)

    def next(self) -> Deferred[bytes]:
        """The next slice; empty at the end."""
        count = min(SLICE, self._end - self._at)
        if count <= 0:
            return succeed(b"")
        values = {"id": self._dataid, "start": self._at + 1, "count": count}
        return self._database.run("build_data.value", lambda snapshot: self._read(snapshot, values)).addCallback(
            self._got
        )

    def _read(self, snapshot: Snapshot, values: dict[str, Any]) -> bytes:
        rows = snapshot.rows(self._sql, values)
        return bytes(rows[0][0]) if rows else b""

    def _got(self, data: bytes) -> bytes:
        self._at += len(data)
        return data


def value(call: EndpointCall) -> ValueStream:
    """To be saved as a file, under its own name."""
    data = call.required()
    column = schema.build_data.c.value
    sliced = select(func.substr(column, bindparam("start"), bindparam("count")))
    sql = call.dialect.compile(sliced.where(schema.build_data.c.id == bindparam("id")))
    # Not the column "length", which a writer may have got wrong: a promise of length must hold.
    measured = select(func.length(column)).where(schema.build_data.c.id == bindparam("id"))
    length = call.select(measured, id=data["dataid"])[0][0]
    head = StreamHead("application/octet-stream; charset=utf-8", data["name"], length)
    return ValueStream(head, call.database, sql, data["dataid"], 0, length)
