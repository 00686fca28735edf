"""The HTTP server as a service: listens, and lets what runs end before it stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.logger import Logger

from buildbot.status.principal import Principal
from buildbot.status.service import StatusService
from buildbot.www.accesslog import AccessLog
from buildbot.www.pages import Pages
from buildbot.www.request import StatusRequest
from buildbot.www.settings import WebSettings
from buildbot.www.site import StatusSite, anonymous
from buildbot.www.token import Token


class WebServer(Service):
    """Answers HTTP for a status service while it runs."""

    log = Logger()

    def __init__(
        self,
        service: StatusService,
        settings: WebSettings,
        *,
        reactor: Any,
        identify: Callable[[StatusRequest], Principal] = anonymous,
        token: Token | None = None,
        pages: Pages | None = None,
    ) -> None:
        """As :class:`~buildbot.www.site.StatusSite`."""
        self.settings = settings
        self._reactor = reactor
        self.site = StatusSite(service, settings, reactor=reactor, identify=identify, token=token, pages=pages)
        self._port: Any = None

    @property
    def port(self) -> int:
        """On which it listens; the one that was found where the settings say 0."""
        return int(self._port.getHost().port)

    def startService(self) -> None:
        """Listen. Raises ConfigError if the access log cannot be written, CannotListenError if the address is taken."""
        settings = self.settings
        if settings.accessLog is not None:
            self.site.accessLog = AccessLog(settings.accessLog, settings.trustedProxies)
        try:
            self._port = self._reactor.listenTCP(settings.port, self.site, backlog=512, interface=settings.interface)
        except CannotListenError:
            self._closeLog()
            raise
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        self.log.info("HTTP on {interface}:{port}", interface=settings.interface, port=self.port)

    def stopService(self) -> Deferred[None]:
        """Take no more connections and requests, let the running ones end, at most for ``drainTime``; fires when all
        connections are closed."""
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        await self._port.stopListening()
        await self.site.drain(self.settings.limits.drainTime)
        self._closeLog()

    def _closeLog(self) -> None:
        log, self.site.accessLog = self.site.accessLog, None
        if log is not None:
            log.close()
