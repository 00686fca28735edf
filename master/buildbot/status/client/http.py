"""A connection over HTTP JSON."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast
from urllib.parse import quote, unquote, urlencode

import simplejson
import treq.client
from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.web.client import Agent, BrowserLikePolicyForHTTPS, HTTPConnectionPool, ResponseNeverReceived
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH

from buildbot.errors import Disconnected, NotFound, StatusError, allErrors
from buildbot.status.batch import writeBatch
from buildbot.status.client.body import Body
from buildbot.status.client.connection import Connection, Pairs, Received
from buildbot.status.client.following import EventBody
from buildbot.status.encode import compact
from buildbot.status.paths import split
from buildbot.status.streams import Stream, StreamHead, notBytes, notRecords
from buildbot.status.wire import fromProblem

LONGEST = 4096
"""Characters of an address; what is longer is asked for by POST, as a batch of one, and so is a path that an address
cannot hold as it is."""
AT_ONCE = 16
"""Connections to the server; more requests wait for one of them."""
CONNECTING = 30.0
"""Seconds."""


class HTTPConnection(Connection):
    """Asks a server's ``/api/v2`` over connections that are kept for the next request."""

    def __init__(
        self,
        url: Any,
        name: str,
        password: str,
        trust: Any,
        *,
        reactor: Any,
        timeout: float | None,
        token: str | None = None,
    ) -> None:
        """``url`` is a parsed one, of the server; what it says of a user is ignored. ``trust`` says whose certificates
        are believed; ``token`` is sent with actions, and with nothing else."""
        path = "/".join(quote(part, safe="") for part in url.path if part)
        port = f":{url.port}" if url.port else ""
        host = f"[{url.host}]" if ":" in url.host else url.host
        where = f"{url.scheme}://{host}{port}/{path}".rstrip("/")
        super().__init__(where, reactor=reactor, timeout=timeout)
        self._base = where if where.endswith("/api/v2") else f"{where}/api/v2"
        self._token = token
        self._pool = HTTPConnectionPool(reactor)
        self._pool.maxPersistentPerHost = AT_ONCE
        policy = BrowserLikePolicyForHTTPS(trust)
        self._agent: Any = Agent(reactor, policy, connectTimeout=CONNECTING, pool=self._pool)
        self._bodies: set[Body] = set()
        """Of answers that are not whole yet."""
        self._client: Any = treq.client.HTTPClient(cast("Any", self._agent))
        self._headers = {"Accept": "application/json, */*;q=0.1"}
        if name:
            self._headers["Authorization"] = "Basic " + b64encode(f"{name}:{password}".encode()).decode()

    async def _fetch(self, path: str, given: Pairs) -> Received:
        url = self._url(path, given)
        if len(url) > LONGEST or not _arrives(path):
            return await self._fetchPosted(path, given)
        response = await self._sent(lambda: self._client.get(url, headers=self._headers, unbuffered=True))
        if response.code < 400 and self._isRaw(path):
            self.receive(response).drop()
            raise notRecords(path)
        return Received(await self._read(response), _header(response, "X-Status-Cursor"))

    async def _fetchPosted(self, path: str, given: Pairs) -> Received:
        received = await self._fetchMany([(path, given)])
        found = simplejson.loads(received.body)["answers"][0]
        if "error" in found:
            raise fromProblem(found)
        return Received(simplejson.dumps(found).encode(), received.cursor)

    async def _fetchMany(self, calls: Sequence[tuple[str, Pairs]]) -> Received:
        body = writeBatch(calls)
        headers = {**self._headers, "Content-Type": "application/json"}
        url = f"{self._base}/batch"
        ask = partial(self._client.post, url, data=body, headers=headers, unbuffered=True)
        response = await self._sent(ask)
        return Received(await self._read(response), _header(response, "X-Status-Cursor"))

    async def _stream(self, path: str, given: Pairs) -> Stream:
        if self._isRaw(path) is False:
            raise notBytes(path)
        headers = Headers({name: [value] for name, value in self._headers.items()})
        url = self._url(path, given).encode()
        response = await self._sent(lambda: self._agent.request(b"GET", url, headers))
        if response.code >= 400:
            await self._read(response)
        return HTTPStream(self, response)

    async def openEvents(self, topics: Sequence[str], given: Pairs) -> EventBody:
        """See :class:`Connection`."""
        query = urlencode([*(("topic", topic) for topic in topics), *given, ("form", "change")], safe="*/")
        url = f"{self._base.removesuffix('/api/v2')}/sse/listen?{query}"
        headers = Headers({**{name: [value] for name, value in self._headers.items()}, "Accept": ["text/event-stream"]})
        response = await self._sent(lambda: self._agent.request(b"GET", url.encode(), headers))
        if response.code >= 400:
            await self._read(response)
        return self.receive(response, paced=True)

    def _isRaw(self, path: str) -> bool | None:
        """Whether a path answers with bytes, None where it is not known here."""
        try:
            endpoint = self.catalogue.find(path).pattern.endpoint
        except NotFound:
            return None
        return endpoint is not None and endpoint.raw

    def _url(self, path: str, given: Pairs) -> str:
        below = path if _arrives(path) else "/".join(quote(element, safe="") for element in split(path))
        query = f"?{urlencode(given)}" if given else ""
        return (f"{self._base}/{below}" if path else self._base) + query

    async def _act(self, path: str, action: str, arguments: Mapping[str, Any]) -> Any:
        body = compact({"jsonrpc": "2.0", "id": 1, "method": action, "params": arguments}).encode()
        headers = {**self._headers, "Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        ask = partial(self._client.post, self._url(path, []), data=body, headers=headers, unbuffered=True)
        response = await self._sent(ask, again=False)
        data = await self.receive(response).whole()
        try:
            answer = simplejson.loads(data)
            if "result" in answer:
                return answer["result"]
            error = fromProblem(answer["error"]["data"])
        except (ValueError, KeyError, TypeError):
            error = self._error(response, data)
        raise error

    async def _sent(self, ask: Any, *, again: bool = True) -> Any:
        """The response, once its headers are there. A kept connection may have been closed meanwhile, which shows only
        when it is used: so what only reads is sent again, once."""
        try:
            try:
                return await ask()
            except ResponseNeverReceived as error:
                if wasCancelled(error) or not again:
                    raise
                return await ask()
        except CancelledError:
            raise
        except Exception as error:
            if wasCancelled(error):
                raise CancelledError from None
            raise Disconnected(f"{self.where} cannot be reached: {words(error)}") from None

    async def _read(self, response: Any) -> bytes:
        data = await self.receive(response).whole()
        if response.code < 400:
            return data
        raise self._error(response, data)

    def _error(self, response: Any, data: bytes) -> StatusError:
        """The error of an answer: the API's own, or that of something in between, such as a proxy."""
        try:
            members = simplejson.loads(data)
        except ValueError:
            members = None
        cls = next((error for error in allErrors() if error.status == response.code), None)
        if isinstance(members, dict) and "error" in members:
            found = fromProblem(members)
            return found if type(found) is not StatusError or cls is None else cls(found.detail, **found.extra)
        phrase = response.phrase.decode("latin-1")
        sentence = f"{self.where} answered {response.code} {phrase}, which is not an answer of a status server"
        return (cls if cls is not None and response.code < 500 else Disconnected)(sentence)

    def receive(self, response: Any, *, paced: bool = False) -> Body:
        """Take in the body of a response."""
        body = Body(self.where, paced=paced)
        self._bodies.add(body)
        body.gone.addCallback(lambda _: self._bodies.discard(body))
        response.deliverBody(body)
        return body

    async def _drop(self) -> None:
        gone = [body.gone for body in self._bodies]
        for body in list(self._bodies):
            body.drop()
        await DeferredList(gone)
        await self._pool.closeCachedConnections()


class HTTPStream:
    """See :class:`~buildbot.status.streams.Stream`."""

    def __init__(self, connection: HTTPConnection, response: Any) -> None:
        self._connection = connection
        length = None if response.length is UNKNOWN_LENGTH else response.length
        filename = _filename(_header(response, "Content-Disposition") or "")
        self.head = StreamHead(_header(response, "Content-Type") or "", filename, length)
        self._body = connection.receive(response, paced=True)

    def next(self) -> Deferred[bytes]:
        """See :class:`~buildbot.status.streams.Stream`."""
        return self._connection.start(self._next())

    async def _next(self) -> bytes:
        return await self._body.next()


def _arrives(path: str) -> bool:
    """Whether a path arrives unchanged as part of an address."""
    whole = re.fullmatch(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*", path)
    return whole is not None and not {".", ".."} & set(path.split("/"))


def _header(response: Any, name: str) -> str | None:
    values = response.headers.getRawHeaders(name)
    return None if values is None else str(values[0])


def _filename(disposition: str) -> str | None:
    """The file name in a Content-Disposition header (RFC 6266); that which can hold any character comes first."""
    whole = re.search(r"filename\*=utf-8''([^;\s]+)", disposition, re.IGNORECASE)
    plain = re.search(r'filename="([^"]*)"', disposition)
    return unquote(whole[1]) if whole else plain[1] if plain else None


def wasCancelled(error: Exception) -> bool:
    """Whether a failure of Twisted's HTTP client is what became of cancelling it."""
    return any(reason.check(CancelledError) for reason in getattr(error, "reasons", ()))


def words(error: Exception) -> str:
    """What a failure of Twisted's HTTP client comes down to."""
    reasons = getattr(error, "reasons", None)
    return reasons[0].getErrorMessage() if reasons else str(error) or type(error).__name__
