"""What all connections have in common, whatever they speak: calls become bytes, bytes become answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import simplejson
from twisted.internet.defer import Deferred

from buildbot.status.answer import Answer
from buildbot.status.catalogue import Catalogue
from buildbot.status.query import pairs


class Connection:
    """A connection that asks a server for bytes."""

    def __init__(self, reactor: Any, timeout: float | None) -> None:
        self._reactor, self._timeout = reactor, timeout
        self._plurals = {cls.Plural: cls for cls in Catalogue().types.values()}

    def get(self, path: str, query: Mapping[str, Any] | None = None, **more: Any) -> Deferred[Answer]:
        """See :meth:`buildbot.status.interfaces.IStatusConnection.get`."""
        return Deferred.fromCoroutine(self._get(path, {**(query or {}), **more}))

    async def _get(self, path: str, query: Mapping[str, Any]) -> Answer:
        return self._answer(await self._fetch(path, pairs(query)))

    async def _fetch(self, path: str, given: Sequence[tuple[str, str]]) -> bytes:
        raise NotImplementedError

    def _answer(self, body: bytes) -> Answer:
        found = simplejson.loads(body)
        meta = found.pop("meta")
        [(plural, records)] = found.items()
        cls = self._plurals[plural]
        return Answer(tuple(cls.fromWire(record, self) for record in records), meta)
