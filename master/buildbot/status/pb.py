"""Perspective Broker, serving end: bytes of JSON in slices, which the client pulls one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import simplejson
from twisted.spread import pb

from buildbot.errors import StatusError, Unauthenticated
from buildbot.status.encode import compact
from buildbot.status.principal import Principal
from buildbot.status.service import StatusService
from buildbot.status.wire import SLICE, problem


class Entrance(pb.Root):  # type: ignore[misc]
    def __init__(self, service: StatusService, users: Mapping[str, str]) -> None:
        self._service, self._users = service, users

    def remote_login(self, name: str, password: str) -> Any:
        if self._users.get(name) != password:
            return False, compact(problem(Unauthenticated("wrong name or password"))).encode()
        return True, Session(self._service, Principal(name))


class Session(pb.Referenceable):  # type: ignore[misc]
    def __init__(self, service: StatusService, principal: Principal) -> None:
        self._service, self._principal = service, principal
        self._held: dict[int, bytes] = {}

    async def _get(self, ident: int, request: bytes) -> Any:
        path, given = simplejson.loads(request)
        try:
            body = await self._service.getBody(self._principal, path, [(name, text) for name, text in given])
        except StatusError as error:
            return False, compact(problem(error)).encode(), True
        self._held[ident] = b"".join(body.pieces)
        return self.remote_pull(ident)

    def remote_get(self, ident: int, request: bytes) -> Any:
        from twisted.internet.defer import Deferred

        return Deferred.fromCoroutine(self._get(ident, request))

    def remote_pull(self, ident: int) -> Any:
        data = self._held.pop(ident)
        if len(data) > SLICE:
            self._held[ident] = data[SLICE:]
        return True, data[:SLICE], len(data) <= SLICE
