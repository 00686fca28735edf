"""Reporters that send HTTP requests, and the one that sends builds as they are: to anybody who reads JSON."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import simplejson
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread
from twisted.logger import Logger

from buildbot.errors import ConfigError
from buildbot.status.listeners.reporters.about import untimed
from buildbot.status.listeners.reporters.base import ReporterBase
from buildbot.status.listeners.reporters.formatters import MessageFormatterFunction
from buildbot.status.listeners.reporters.generators import BuildStatusGenerator, Generator, Report
from buildbot.status.listeners.reporters.older import forHttp
from buildbot.status.listeners.sending import Reply, Sender, parse

CONTENT_TYPES = {"json": "application/json", "html": "text/html; charset=utf-8"}


class HttpReporter(ReporterBase):
    """A base of reporters that send requests."""

    log = Logger()

    def __init__(
        self,
        generators: Sequence[Generator] | None,
        *,
        debug: bool | None = None,
        verify: bool | str | None = None,
        cert: str | tuple[str, str] | None = None,
        name: str | None = None,
    ) -> None:
        """``debug``: log each request, with what was answered. ``verify``: False takes any certificate of the server; a
        text is the file of those who may vouch for it. ``cert``: the file of a certificate and key to show, or both."""
        super().__init__(generators, name)
        self._debug = bool(debug)
        self._options: dict[str, Any] = {"verify": True if verify is None else verify, "cert": cert}
        self._sender: Sender | None = None

    @property
    def sender(self) -> Sender:
        """What sends."""
        if self._sender is None:
            # A configuration is read before anything may choose which reactor there is.
            from twisted.internet import reactor

            self._sender = Sender(reactor, **self._options)
        return self._sender

    def send(self, method: str, url: str, headers: Mapping[str, str], **what: Any) -> Deferred[Reply]:
        """Send ``json=`` or ``body=``; see :meth:`buildbot.status.listeners.sending.Sender.send`."""
        return Deferred.fromCoroutine(self._send(method, url, headers, what))

    async def _send(self, method: str, url: str, headers: Mapping[str, str], what: Mapping[str, Any]) -> Reply:
        try:
            reply = await self.sender.send(method, url, headers={"User-Agent": "Buildbot", **headers}, **what)
        except Exception as error:
            self._note(method, url, str(error))
            raise
        self._note(method, url, str(reply.status))
        return reply

    def _note(self, method: str, url: str, outcome: str) -> None:
        if self._debug:
            address = parse(url).replace(query=())
            self.log.info(
                "{name}: {method} {url}: {outcome}", name=self.name, method=method, url=address, outcome=outcome
            )


def base(owner: str, url: Any, argument: str) -> str:
    """An address, without a slash at its end. Raises ConfigError for what is none."""
    if not isinstance(url, str):
        raise ConfigError(f"{owner}: {argument}={url!r}: an address such as https://example.org is expected")
    parse(url)
    return url.rstrip("/")


class HttpStatusPush(HttpReporter):
    """POSTs to ``serverUrl``: by default each build, as JSON, when it begins and when it has ended."""

    def __init__(
        self,
        serverUrl: str,
        auth: tuple[Any, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        debug: bool | None = None,
        verify: bool | str | None = None,
        cert: str | tuple[str, str] | None = None,
        skip_encoding: bool = False,
        generators: Sequence[Generator] | None = None,
        name: str | None = None,
        **older: Any,
    ) -> None:
        """``auth``: name and password, which may be renderables, as the values of ``headers`` may. ``skip_encoding`` is
        accepted because Buildbot does, and changes nothing. ``older``: see
        :mod:`buildbot.status.listeners.reporters.older`; also ``user`` and ``password``."""
        if "user" in older or "password" in older:
            auth = (older.pop("user", ""), older.pop("password", ""))
        generators = forHttp(self, older, generators)
        super().__init__(generators, debug=debug, verify=verify, cert=cert, name=name)
        base(self.name, serverUrl, "serverUrl")
        if auth is not None and (not isinstance(auth, (tuple, list)) or len(auth) != 2):
            raise ConfigError(f"{self.name}: auth: a name and a password are expected")
        self._url, self._auth, self._headers = serverUrl, auth, dict(headers or {})

    def defaultGenerators(self) -> Sequence[Generator]:
        """See :class:`~buildbot.status.listeners.reporters.base.ReporterBase`."""
        whole = MessageFormatterFunction(lambda context: context["build"], "json")
        return [BuildStatusGenerator(report_new=True, message_formatter=whole)]

    async def sendMessage(self, reports: Sequence[Report]) -> None:
        """See :class:`~buildbot.status.listeners.reporters.base.ReporterBase`."""
        report = reports[0]
        if report["body"] is None:
            return
        headers, auth = await self.render([self._headers, self._auth], report)
        if auth is not None:
            headers["Authorization"] = "Basic " + b64encode(f"{auth[0]}:{auth[1]}".encode()).decode()
        kind, content = await deferToThread(_encoded, report["body"], report["type"])
        await self.send("POST", self._url, {"Content-Type": kind, **headers}, body=content)


def _encoded(body: Any, type: str) -> tuple[str, bytes]:
    """What it is, and its bytes."""
    if isinstance(body, (str, bytes)):
        kind = CONTENT_TYPES.get(type, "text/plain; charset=utf-8")
        return kind, body.encode() if isinstance(body, str) else body
    return CONTENT_TYPES["json"], simplejson.dumps(untimed(body)).encode()
