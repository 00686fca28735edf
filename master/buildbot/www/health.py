"""``/healthz``: whether this process lives, and whether it can answer now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError

from buildbot.db.connector import Snapshot
from buildbot.errors import NotFound, StatusError
from buildbot.www.wire import jsonBytes

if TYPE_CHECKING:
    from buildbot.www.request import StatusRequest
    from buildbot.www.site import StatusSite

PATIENCE = 1.0
"""Seconds in which the database has to answer."""


class Health:
    """The handler of ``/healthz``. Asked by machines that know no host name, so any Host will do."""

    def __init__(self, site: StatusSite) -> None:
        self._site = site

    async def __call__(self, request: StatusRequest, rest: str | None) -> None:
        request.allow("GET", "HEAD")
        request.kind = "health"
        if rest == "live":
            self._send(request, None)
        elif rest in (None, "ready"):
            self._send(request, await self._trouble())
        else:
            raise NotFound(f"Invalid path: healthz/{rest}: there are /healthz, /healthz/live and /healthz/ready")

    async def _trouble(self) -> str | None:
        """Why no answer can be given now; in words that may be seen by anybody."""
        if self._site.draining:
            return "stopping"
        try:
            await self._site.service.database.run("health", _one, deadline=PATIENCE)
        except CancelledError:
            raise
        except StatusError as error:
            return error.title
        except Exception:
            return "the database cannot be read"
        return None

    @staticmethod
    def _send(request: StatusRequest, trouble: str | None) -> None:
        status = 200 if trouble is None else 503
        body = {"status": "ok"} if trouble is None else {"status": "unavailable", "reason": trouble}
        request.send(status, [("Cache-Control", "no-store")], jsonBytes(body))


def _one(snapshot: Snapshot) -> None:
    snapshot.rows("SELECT 1", {})
