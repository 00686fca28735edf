"""What the log stores of an announcement: the record after the change, as GET gives it, and what was different."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from buildbot.db.dialect import dialectOf
from buildbot.db.own import PARENTS
from buildbot.db.writes.transaction import Announcement, Transaction
from buildbot.status.call import Call
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.encode import compact
from buildbot.status.events.event import fieldsOf, shapeOf
from buildbot.status.level import Level
from buildbot.status.query import Limits
from buildbot.status.reading import Reading

Record = Mapping[str, Any]
MOST = 1_000
"""Records in one reading."""


class Descriptions:
    """Reads records through the same plans as GET. A type that has topics needs nothing more than these."""

    def __init__(self, catalogue: Catalogue, dialect: str) -> None:
        self._dialect = dialectOf(dialect)
        self._reading = Reading(catalogue, self._dialect, Limits())
        self._types = {cls.Plural: cls for cls in catalogue.types.values()}
        self._calls: dict[str, Call] = {}
        self._tables: dict[str, Sequence[str]] = {}
        levels = {plural: Level.of(cls) for plural, cls in self._types.items()}
        self._fields = {plural: fieldsOf(cls) for plural, cls in self._types.items()}
        self._shapes = {plural: shapeOf(cls) for plural, cls in self._types.items()}
        self._updates = {plural: None if level is None else level.other for plural, level in levels.items()}

    def tables(self, type: str) -> Sequence[str]:
        """The tables of which records are made; one twice, if another row of it counts, too."""
        found = self._tables.get(type)
        if found is None:
            found = self._tables[type] = self._reading.tables(self._call(type))
        return found

    def plain(self, type: str) -> str | None:
        """The table, if a record is one row of it, and nothing else."""
        table = self._types[type].Table
        return table if table is not None and list(self.tables(type)) == [table] else None

    def records(self, tx: Transaction, type: str, keys: Sequence[int]) -> Iterator[tuple[int, Record]]:
        """Those of these things that there are, as they are now, by key."""
        call, key = self._call(type), self._key(type)
        for start in range(0, len(keys), MOST):
            values = {**call.values, "f0": self._dialect.bindList(keys[start : start + MOST])}
            for record in self._reading.read(tx, attrs.evolve(call, values=values), counted=False).records:
                yield record[key], record

    def _call(self, type: str) -> Call:
        call = self._calls.get(type)
        if call is None:
            asked = [(f"{self._key(type)}__in", "0"), ("limit", str(MOST))]
            call = self._calls[type] = self._reading.prepare(type, asked)
        return call

    def _key(self, type: str) -> str:
        key = self._types[type].Key
        assert key is not None, type
        name: str = key.name
        return name

    def row(self, announcement: Announcement, record: Record) -> dict[str, Any] | None:
        """A row of ``status_events``, without its number and time; None where there is nothing to say: a mere update
        of a record that is as it was."""
        if record == announcement.old and announcement.event == self._updates[announcement.type]:
            return None
        columns = announcement.parents or record
        row: dict[str, Any] = {name: columns[name] for name in PARENTS if name in columns}
        row |= {"type": announcement.type, "key": announcement.key, "event": announcement.event}
        row["body"] = compact(record)
        if record.keys() >= self._fields[announcement.type]:
            row["shape"] = self._shapes[announcement.type]
        if announcement.old is not None:
            row["changed"] = compact(self._changed(self._types[announcement.type], announcement.old, record))
        return row

    @staticmethod
    def _changed(resource: type[Resource], old: Record, new: Record) -> Record:
        return {
            name: old[name]
            for name, field in resource.Fields.items()
            if field.filterable and not field.derived and name in old and old[name] != new.get(name)
        }
