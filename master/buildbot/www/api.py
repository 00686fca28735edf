"""``/api``: every path of the catalogue, one thing or a list, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildbot.errors import BadQuery, NotAvailable, NotFound
from buildbot.status.fieldtypes import parseBoolean
from buildbot.status.service import Body
from buildbot.www.address import Pairs, parsePairs
from buildbot.www.forms import VARY
from buildbot.www.wire import jsonBytes

if TYPE_CHECKING:
    from buildbot.www.request import StatusRequest
    from buildbot.www.site import StatusSite

VERSIONS = ("v2", "latest")


class Api:
    """The handler of ``/api``."""

    def __init__(self, site: StatusSite) -> None:
        self._site = site

    async def __call__(self, request: StatusRequest, rest: str | None) -> None:
        if request.terms.refusal is not None:
            raise request.terms.refusal
        if rest is None:
            self._versions(request)
            return
        version, mark, path = rest.partition("/")
        if version not in VERSIONS:
            raise NotFound(f"Invalid path: api/{rest}: there are the versions {', '.join(VERSIONS)}")
        if mark and not path:
            raise NotFound(f"Invalid path: api/{rest}: without a slash at the end it would be the root")
        request.allow("GET", "HEAD")
        await self._get(request, path)

    def _versions(self, request: StatusRequest) -> None:
        request.allow("GET", "HEAD")
        settings = self._site.settings
        host = (request.requestHeaders.getRawHeaders("Host") or [""])[0]
        url = settings.baseURL or f"http://{host}/"
        body = jsonBytes({"api_versions": {"v2": f"{url.rstrip('/')}/api/v2"}})
        request.send(200, [("Cache-Control", "no-cache"), ("Vary", VARY)], body)

    async def _get(self, request: StatusRequest, path: str) -> None:
        request.kind = "api"
        pairs = parsePairs(request.query, self._site.settings.limits.parameters)
        indented = takeIndented(pairs)
        alias = request.uri if indented is None else None
        body = await self._site.service.getBody(self._site.identify(request), path, pairs, alias=alias)
        if not isinstance(body, Body):
            raise NotAvailable("streams")
        encoding, identity, browser = request.terms.form
        key = (encoding, identity, browser if indented is None else indented)
        request.sendForm(await self._site.forms.form(body, key))


def takeIndented(pairs: Pairs) -> bool | None:
    """Take ``pretty=`` out of the parameters, None if it is not there; and refuse those that need an event log."""
    indented = None
    for pair in list(pairs):
        name, value = pair
        if name == "pretty":
            indented = bool(parseBoolean(name, value))
            pairs.remove(pair)
        elif name in ("since", "min_cursor"):
            raise BadQuery(f"{name}: there is no event log here, so answers have no cursor", parameter=name)
    return indented
