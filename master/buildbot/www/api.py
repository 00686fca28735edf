"""``/api``: every path of the catalogue as JSON or bytes, batches, actions, and what browsers ask beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildbot.errors import BadRequest, NotFound
from buildbot.status.batch import batchPieces, parseBatch
from buildbot.status.fieldtypes import parseBoolean
from buildbot.status.service import Body
from buildbot.www import actions
from buildbot.www.address import Pairs, parsePairs
from buildbot.www.forms import SMALL, VARY, encoded
from buildbot.www.poll import checkAsked, isPoll, poll
from buildbot.www.sse import Followed
from buildbot.www.streaming import sendStream
from buildbot.www.wire import JSON, head, jsonBytes

if TYPE_CHECKING:
    from buildbot.www.request import StatusRequest
    from buildbot.www.site import StatusSite

VERSIONS = ("v2", "latest")
BATCH = "batch"
METHODS = ("GET", "HEAD", "OPTIONS", "POST")
ACCEPTED = "Content-Type, If-None-Match, Last-Event-ID, Range, X-Request-Id"
"""Headers that a page of another origin may send."""


class Api:
    """The handler of ``/api``."""

    def __init__(self, site: StatusSite) -> None:
        self._site = site
        self._follow = Followed(site)

    async def __call__(self, request: StatusRequest, rest: str | None) -> None:
        version, mark, path = (rest or "").partition("/")
        if rest is None:
            self._versions(request)
        elif version not in VERSIONS:
            raise NotFound(f"Invalid path: api/{rest}: there are the versions {', '.join(VERSIONS)}")
        elif request.method == b"OPTIONS":
            self._options(request, path)
        elif request.method == b"POST":
            await self._post(request, path)
        elif mark and not path:
            raise NotFound(f"Invalid path: api/{rest}: the root has no slash at its end")
        else:
            await self._get(request, path)

    def _versions(self, request: StatusRequest) -> None:
        request.allow("GET", "HEAD")
        host = (request.requestHeaders.getRawHeaders("Host") or ["localhost"])[0]
        url = self._site.settings.baseURL or f"http://{host}/"
        body = jsonBytes({"api_versions": {"v2": f"{url.rstrip('/')}/api/v2"}})
        request.send(200, [("Cache-Control", "no-cache"), ("Vary", VARY)], body)

    async def _get(self, request: StatusRequest, path: str) -> None:
        self._check(request)
        request.allow(*(METHODS if path != BATCH else ("OPTIONS", "POST")))
        request.kind = "read"
        given = parsePairs(request.query, self._site.settings.limits.parameters)
        if request.terms.events and request.method == b"GET" and self._site.service.events is not None:
            await self._follow(request, path, given)
            return
        pairs, indented = takeIndented(given)
        if isPoll(pairs) and request.method == b"GET":
            await poll(
                self._site, request, path, pairs, indented=request.terms.form[2] if indented is None else indented
            )
            return
        checkAsked(pairs)
        alias = request.uri if indented is None else None
        answer = await self._site.service.getBody(self._site.identify(request), path, pairs, alias=alias)
        if not isinstance(answer, Body):
            request.kind = "stream"
            await sendStream(request, answer, self._site.inThread)
            return
        encoding, identity, browser = request.terms.form
        key = (encoding, identity, browser if indented is None else indented)
        request.sendForm(await self._site.forms.form(answer, key))

    @staticmethod
    def _check(request: StatusRequest) -> None:
        """A page of a foreign origin is refused altogether, as Buildbot does."""
        refusal = request.terms.origin or request.terms.encoding
        if refusal is not None:
            raise refusal

    def _options(self, request: StatusRequest, path: str) -> None:
        request.kind = "options"
        self._check(request)
        allowed = ("OPTIONS", "POST") if path == BATCH else METHODS
        headers = [("Allow", ", ".join(allowed)), ("Vary", VARY)]
        wanted = request.requestHeaders.getRawHeaders("Access-Control-Request-Method")
        if wanted is not None:
            if wanted[0] not in ("GET", "HEAD", "POST"):
                raise BadRequest("invalid method")
            headers += [
                ("Access-Control-Allow-Methods", "GET, HEAD, POST"),
                ("Access-Control-Allow-Headers", ACCEPTED),
                ("Access-Control-Max-Age", "3600"),
            ]
        request.send(200, headers, b"")

    async def _post(self, request: StatusRequest, path: str) -> None:
        if path == BATCH:
            request.kind = "batch"
            self._check(request)
            await self._batch(request)
        elif request.terms.foreign is not None:
            error = request.terms.origin or request.terms.foreign
            request.send(error.status, [], jsonBytes({"jsonrpc": "2.0", "error": actions.rpcError(error)}))
        else:
            request.kind = "act"
            await actions.act(self._site, request, path)

    async def _batch(self, request: StatusRequest) -> None:
        if not actions.isJson(request):
            raise BadRequest("the calls of a batch are sent as JSON, with Content-Type: application/json")
        calls = parseBatch(request.body())
        answers = await self._site.service.getBodies(self._site.identify(request), calls)
        pieces = list(batchPieces(answers))
        encoding = request.terms.form[0]
        if sum(map(len, pieces)) <= SMALL:
            made = encoded(pieces, encoding)
        else:
            made = await self._site.inThread(lambda: encoded(pieces, encoding))
        length = sum(map(len, made))
        headers = [("Content-Type", JSON), ("Content-Length", str(length)), ("Cache-Control", "no-store")]
        headers += [("X-Content-Type-Options", "nosniff"), ("Vary", VARY)]
        cursor = next((answer.cursor for answer in answers if isinstance(answer, Body)), None)
        if cursor is not None:
            headers.append(("X-Status-Cursor", cursor))
        if encoding != "identity":
            headers.append(("Content-Encoding", encoding))
        request.respond(200, head(200, headers), made, length)


def takeIndented(pairs: Pairs) -> tuple[Pairs, bool | None]:
    """The parameters without ``pretty=``, and what it says, None if it is not there."""
    indented, rest = None, []
    for name, value in pairs:
        if name == "pretty":
            indented = bool(parseBoolean(name, value))
        else:
            rest.append((name, value))
    return rest, indented
