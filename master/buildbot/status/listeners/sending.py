"""Requests to the servers of others, as listeners send them: what each outcome means for a delivery."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from functools import partial
from io import BytesIO
from typing import Any

import attrs
import hyperlink
import simplejson
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import Agent, FileBodyProducer, HTTPConnectionPool, ResponseDone, ResponseNeverReceived
from twisted.web.http import PotentialDataLoss
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from buildbot.errors import ConfigError
from buildbot.status.client.http import wasCancelled, words
from buildbot.status.listeners.outcomes import Parked, RetryAfter
from buildbot.status.listeners.tls import Trust

TIMEOUT = 30.0
"""Seconds for a whole request: looking up the name, connecting, and the answer to its end."""
MOST = 64 * 1024
"""Bytes of an answer that are read; then the connection is closed."""
SHOWN = 200
"""Characters of an answer that an error shows."""
KEPT = 10
"""Connections to one server that are kept for the next requests."""
AGAIN = frozenset({302, 303, 307, 408, 425, 429})
"""What may be otherwise the next time, beside all from 500 on."""


class SendingFailed(RetryAfter):
    """It may work the next time, with the pause that is due; the message says what happened."""

    def __init__(self, reason: str) -> None:
        super().__init__(0.0, reason)


class Refused(Parked):
    """The server does not want this, and will not."""

    def __init__(self, reason: str, reply: Reply) -> None:
        super().__init__(reason)
        self.reply = reply


@attrs.frozen
class Reply:
    """What a server answered."""

    status: int
    headers: Headers
    body: bytes
    """At most :data:`MOST` bytes of it."""

    @property
    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return simplejson.loads(self.body)

    def header(self, name: str) -> str | None:
        """The first of that name."""
        values = self.headers.getRawHeaders(name)
        return None if values is None else str(values[0])


class Sender:
    """Sends requests over connections that are kept for the next ones; redirects are not followed."""

    def __init__(
        self,
        reactor: Any,
        *,
        timeout: float = TIMEOUT,
        verify: bool | str = True,
        cert: str | tuple[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        guard: Any = None,
    ) -> None:
        """``verify``: whether the server's certificate must be one that the system trusts, or the file of those who may
        vouch for it, in PEM. ``cert``: the file of a certificate and its key to show, or the files of both. ``auth``:
        name and password. ``headers``: go with each request. ``guard``: which addresses may be connected to
        (:class:`~buildbot.status.listeners.guard.Guard`); None: all. Raises ConfigError for files that cannot be read.
        """
        self._reactor, self._timeout, self._guard = reactor, timeout, guard
        self._headers = {"User-Agent": "buildbot-status", **(headers or {})}
        if auth is not None:
            self._headers["Authorization"] = "Basic " + b64encode(":".join(auth).encode()).decode()
        self._pool = HTTPConnectionPool(reactor)
        self._pool.maxPersistentPerHost = KEPT
        endpoints = _Endpoints(reactor, Trust(verify, cert), guard, timeout)
        self._agent: Any = Agent.usingEndpointFactory(reactor, endpoints, pool=self._pool)
        self._anew: Any = Agent.usingEndpointFactory(reactor, endpoints)
        """Over a new connection."""

    def send(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Deferred[Reply]:
        """Send a request with ``body``, or with ``json`` as its body, or with none.

        Fires with the answer if its status is of the 200s. Fails with :class:`RetryAfter` where the server says when to
        come again; with :class:`Refused` where it says that it does not want this (most of the 400s, and a redirect for
        good); with :class:`Parked` for an address that cannot be one, or that the guard keeps from; and with
        :class:`SendingFailed`, which is a RetryAfter too, for all else: it may work the next time. Cancelling closes
        the connection.
        """
        if json is not None:
            body = simplejson.dumps(json).encode()
            headers = {"Content-Type": "application/json", **(headers or {})}
        return Deferred.fromCoroutine(self._send(method, url, body, headers or {}))

    async def _send(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        try:
            parsed = parse(url)
        except ConfigError as error:
            raise Parked(str(error)) from None
        where = shown(parsed)
        asked = Deferred.fromCoroutine(self._ask(where, method, parsed, body, {**self._headers, **headers}))
        asked.addTimeout(self._timeout, self._reactor, onTimeoutCancel=partial(_late, where))
        response, content = await asked
        reply = Reply(response.code, response.headers, content)
        if 200 <= reply.status < 300:
            return reply
        raise self._error(f"{where} answered {reply.status} {response.phrase.decode('latin-1')}".rstrip(), reply)

    async def _ask(
        self, where: str, method: str, url: Any, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[Any, bytes]:
        raw = Headers({name: [value] for name, value in headers.items()})

        def request(agent: Any) -> Deferred[Any]:
            producer = None if body is None else FileBodyProducer(BytesIO(body))
            sent: Deferred[Any] = agent.request(method.encode(), url.to_text().encode(), raw, producer)
            return sent

        try:
            try:
                response = await request(self._agent)
            except ResponseNeverReceived as error:
                if wasCancelled(error):
                    raise
                # A connection that was kept may have been closed meanwhile, which shows only when it is used.
                response = await request(self._anew)
            collector = _Collector()
            response.deliverBody(collector)
            return response, await collector.content
        except (CancelledError, Parked):
            raise
        except Exception as error:
            if wasCancelled(error):
                raise CancelledError from None
            raise SendingFailed(f"{where} cannot be reached: {words(error)}") from None

    def _error(self, answered: str, reply: Reply) -> Exception:
        """What an answer means that is none of the 200s."""
        sentence = answered + _said(reply)
        seconds = self._wait(reply)
        if seconds is not None:
            return RetryAfter(seconds, sentence)
        if reply.status >= 500 or reply.status in AGAIN:
            return SendingFailed(sentence)
        return Refused(sentence, reply)

    def _wait(self, reply: Reply) -> float | None:
        """In how many seconds the server wants to be asked again, if it says so."""
        if reply.status < 400:
            return None
        given = (reply.header("Retry-After") or "").strip()
        now: float = self._reactor.seconds()
        if given.isascii() and given.isdigit():
            return float(given)
        if given:
            try:
                seconds = parsedate_to_datetime(given).timestamp() - now
            except ValueError:
                return None
            return max(seconds, 0.0)
        reset = reply.header("X-RateLimit-Reset") or ""
        if reply.header("X-RateLimit-Remaining") == "0" and reset.isascii() and reset.isdigit():
            return max(float(reset) - now, 0.0)
        return None

    def close(self) -> Deferred[None]:
        """Close the connections that are kept; fires when they are."""
        closed: Deferred[Any] = self._pool.closeCachedConnections()
        return closed.addCallback(lambda _: None)


def parse(url: str) -> Any:
    """An address of the web, as hyperlink has it, in ASCII. Raises ConfigError for anything else."""
    try:
        parsed: Any = hyperlink.parse(url, decoded=False)
        isNumber = ":" in parsed.host  # of the new kind, which hyperlink would take for a name
        parsed = parsed.replace(host="x").to_uri().replace(host=parsed.host) if isNumber else parsed.to_uri()
    except (hyperlink.URLParseError, ValueError) as error:
        raise ConfigError(f"{_bare(url)} is no URL: {error}") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ConfigError(f"{_bare(url)}: http://host/path or https://host/path is expected")
    if parsed.userinfo:
        raise ConfigError(f"{shown(parsed)}: a name and a password are not given in the URL")
    return parsed


def shown(url: Any) -> str:
    """Where an address leads, without its path and query, in which there may be secrets."""
    host = f"[{url.host}]" if ":" in url.host else url.host
    default = {"http": 80, "https": 443}[url.scheme]
    return f"{url.scheme}://{host}" + (f":{url.port}" if url.port != default else "")


def _bare(url: str) -> str:
    """A text that should be a URL, without what may be a secret."""
    scheme, mark, _ = url.partition("://")
    return repr(f"{scheme}://…" if mark else "…")


def _said(reply: Reply) -> str:
    """The beginning of a readable body, as the end of a sentence."""
    text = " ".join(reply.body[: 4 * SHOWN].decode("utf-8", "replace").split())
    if not text or not text.isprintable():
        return ""
    return f": {text[:SHOWN]}" + ("…" if len(text) > SHOWN else "")


def _late(where: str, value: Any, seconds: float) -> Any:
    """What comes of a request whose time is over."""
    if isinstance(value, Failure):
        raise SendingFailed(f"{where} did not answer within {seconds:g} s")
    return value


class _Collector(Protocol):
    """Takes in the body of an answer, up to :data:`MOST` bytes."""

    transport: Any

    def __init__(self) -> None:
        self.content: Deferred[bytes] = Deferred(lambda _: self.transport.loseConnection())
        self._content = bytearray()

    def dataReceived(self, data: bytes) -> None:
        self._content += data[: MOST - len(self._content)]
        if len(self._content) >= MOST:
            self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self.content.called:
            return
        if reason.check(ResponseDone, PotentialDataLoss) or len(self._content) >= MOST:
            self.content.callback(bytes(self._content))
        else:
            self.content.errback(SendingFailed("the connection was lost before the answer was complete"))


@implementer(IAgentEndpointFactory)
class _Endpoints:
    """Where requests connect to."""

    def __init__(self, reactor: Any, trust: Trust, guard: Any, timeout: float) -> None:
        self._reactor, self._trust, self._guard, self._timeout = reactor, trust, guard, timeout

    def endpointForURI(self, uri: Any) -> Any:
        """See :class:`IAgentEndpointFactory`."""
        host = uri.host.decode("ascii")
        if self._guard is None:
            endpoint: Any = HostnameEndpoint(self._reactor, host, uri.port, self._timeout)
        else:
            endpoint = self._guard.endpoint(self._reactor, host, uri.port, self._timeout)
        return wrapClientTLS(self._trust.creator(host), endpoint) if uri.scheme == b"https" else endpoint
