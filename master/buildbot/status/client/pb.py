"""The client's end of Perspective Broker."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import simplejson
from twisted.internet.defer import Deferred, succeed
from twisted.spread import pb

from buildbot.status.client.connection import Connection
from buildbot.status.wire import fromProblem


class PBConnection(Connection):
    """A connection over Perspective Broker; connects at the first call, and again after it was lost."""

    def __init__(self, endpoint: Any, name: str, password: str, reactor: Any, timeout: float | None) -> None:
        super().__init__(reactor, timeout)
        self._endpoint, self._name, self._password = endpoint, name, password
        self._idents = itertools.count(1)
        self._session: Any = None

    async def _connected(self) -> Any:
        if self._session is None:
            factory = pb.PBClientFactory()
            broker = await self._endpoint.connect(factory)
            root = await factory.getRootObject()
            ok, session = await root.callRemote("login", self._name, self._password)
            if not ok:
                await _dropped(broker)
                raise fromProblem(simplejson.loads(session))
            self._session = session
        return self._session

    async def _fetch(self, path: str, given: Sequence[tuple[str, str]]) -> bytes:
        session = await self._connected()
        ident = next(self._idents)
        ok, data, last = await session.callRemote("get", ident, simplejson.dumps([path, given]).encode())
        if not ok:
            raise fromProblem(simplejson.loads(data))
        slices = [data]
        while not last:
            ok, data, last = await session.callRemote("pull", ident)
            slices.append(data)
        return b"".join(slices)

    def close(self) -> Deferred[None]:
        """Drop the connection."""
        return succeed(None) if self._session is None else _dropped(self._session.broker)


def _dropped(broker: Any) -> Deferred[None]:
    done: Deferred[None] = Deferred()
    broker.notifyOnDisconnect(lambda: done.callback(None))
    broker.transport.loseConnection()
    return done
