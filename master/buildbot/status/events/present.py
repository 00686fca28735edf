"""What is read for events at their delivery, beside what the log has: records as they are now, and lines of logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twisted.internet.defer import Deferred

from buildbot.db.connector import Database, Snapshot
from buildbot.errors import TooLarge
from buildbot.status.call import Pairs
from buildbot.status.definition import Resource
from buildbot.status.events.text import Range, Text, readTexts
from buildbot.status.reading import Reading


class Present:
    """Reads it from Buildbot's database."""

    def __init__(self, database: Database, reading: Reading) -> None:
        """``reading``: without the limits of callers."""
        self._database, self._reading = database, reading

    def records(
        self, wanted: Mapping[type[Resource], tuple[Sequence[int], Pairs]]
    ) -> Deferred[Mapping[type[Resource], Mapping[int, Mapping[str, Any]]]]:
        """Records of some types by their keys, with these parameters, as they are now."""

        def read(snapshot: Snapshot) -> Mapping[type[Resource], Mapping[int, Mapping[str, Any]]]:
            snapshot.begin()
            return {resource: self._ofKeys(snapshot, resource, *each) for resource, each in wanted.items()}

        return self._database.run("events.present", read, lane="large")

    def _ofKeys(
        self, snapshot: Snapshot, resource: type[Resource], keys: Sequence[int], given: Pairs
    ) -> Mapping[int, Mapping[str, Any]]:
        key, reading = resource.Key, self._reading
        assert key is not None
        path = resource.Plural if resource.List is None else resource.List
        chosen = [(f"{key.name}__in", str(each)) for each in keys]
        call = reading.prepare(path, [*chosen, ("limit", str(len(keys))), *given])
        try:
            page = reading.read(snapshot, call, counted=False)
        except TooLarge:
            if len(keys) == 1:
                raise
            half = len(keys) // 2
            some = self._ofKeys(snapshot, resource, keys[:half], given)
            return {**some, **self._ofKeys(snapshot, resource, keys[half:], given)}
        return {record[key.name]: record for record in page.records}

    def texts(self, ranges: Mapping[int, Range]) -> Deferred[Mapping[int, Text]]:
        """Lines of logs, by their keys."""
        return self._database.run("events.text", lambda snapshot: readTexts(snapshot, ranges), lane="large")
