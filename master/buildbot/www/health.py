"""``/healthz``: whether this process lives, whether it can answer now, and what does not work meanwhile.

What runs processes sends no requests to one that is not ready, and may start it anew. Neither helps while only events
or writing have trouble: every question is still answered, and the trouble is the disk's or the database's. So that is a
200 which names the problems, for people and alarms, and only a process that cannot answer is a 503.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

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
            self._send(request, {"status": "ok"})
        elif rest in (None, "ready"):
            trouble = await self._trouble()
            problems = present(self._site.service.problems)
            if trouble is not None:
                self._send(request, {"status": "unavailable", "reason": trouble, "problems": problems}, 503)
            elif problems:
                self._send(request, {"status": "degraded", "problems": problems})
            else:
                self._send(request, {"status": "ok"})
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
    def _send(request: StatusRequest, body: Mapping[str, Any], status: int = 200) -> None:
        request.send(status, [("Cache-Control", "no-store")], jsonBytes(body))


def present(problems: Iterable[Callable[[], str | None]]) -> Sequence[str]:
    """What does not work now."""
    return [sentence for problem in problems if (sentence := problem()) is not None]


def _one(snapshot: Snapshot) -> None:
    snapshot.rows("SELECT 1", {})
