"""What the log stores of an announcement: the record after the change, as GET gives it, and what was different."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from buildbot.db.dialect import dialectOf
from buildbot.db.own import PARENTS
from buildbot.db.writes.transaction import Announcement, Transaction
from buildbot.status.call import Call
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.encode import compact
from buildbot.status.level import Level
from buildbot.status.query import Limits
from buildbot.status.reading import Reading

Record = Mapping[str, Any]


class Descriptions:
    """Reads records through the same plans as GET. A type that has topics needs nothing more than these."""

    def __init__(self, catalogue: Catalogue, dialect: str) -> None:
        self._reading = Reading(catalogue, dialectOf(dialect), Limits())
        self._types = {cls.Plural: cls for cls in catalogue.types.values()}
        self._calls: dict[str, Call] = {}
        levels = {plural: Level.of(cls) for plural, cls in self._types.items()}
        self._updates = {plural: None if level is None else level.other for plural, level in levels.items()}

    def record(self, tx: Transaction, type: str, key: int) -> Record:
        """The record as it is now. Raises NotFound."""
        call = self._calls.get(type)
        if call is None:
            call = self._calls[type] = self._reading.prepare(f"{type}/0", ())
        call = attrs.evolve(call, path=f"{type}/{key}", values={**call.values, "p0": key})
        return self._reading.read(tx, call).records[0]

    def row(self, tx: Transaction, announcement: Announcement) -> dict[str, Any] | None:
        """A row of ``status_events``, without its number and time; None where there is nothing to say: a mere update
        of a record that is as it was."""
        record = announcement.body
        if record is None:
            record = self.record(tx, announcement.type, announcement.key)
        if record == announcement.old and announcement.event == self._updates[announcement.type]:
            return None
        columns = announcement.parents or record
        row: dict[str, Any] = {name: columns[name] for name in PARENTS if name in columns}
        row |= {"type": announcement.type, "key": announcement.key, "event": announcement.event}
        row["body"] = compact(record)
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
