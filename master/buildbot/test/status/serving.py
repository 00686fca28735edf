"""A server of its own: ``python -m buildbot.test.status.serving DATABASE`` prints its two ports, and serves until it is
killed."""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet import defer, task
from twisted.internet.endpoints import serverFromString

from buildbot.db.connector import Database
from buildbot.status.catalogue import Catalogue
from buildbot.status.pb import PBStatusServer, portalOf
from buildbot.status.service import StatusService
from buildbot.www.settings import WebSettings
from buildbot.www.site import StatusSite

LOCAL = "tcp:0:interface=127.0.0.1"


async def serve(reactor: Any, path: str) -> None:
    """Serve a database, for ever."""
    database = Database(f"sqlite:///{path}", reactor=reactor)
    database.startService()
    service = StatusService(database, Catalogue())
    server = PBStatusServer(service, LOCAL, portalOf(anonymous=True), reactor=reactor)
    server.startService()
    assert server.listening is not None
    pb: Any = await server.listening
    http: Any = await serverFromString(reactor, LOCAL).listen(StatusSite(service, WebSettings(), reactor=reactor))
    sys.stdout.write(f"{pb.getHost().port} {http.getHost().port}\n")
    sys.stdout.flush()
    await defer.Deferred()


if __name__ == "__main__":
    task.react(lambda reactor: defer.ensureDeferred(serve(reactor, sys.argv[1])))
