"""The listener that sends webhooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import time
from typing import Any

from buildbot.config.rendering import render
from buildbot.errors import ConfigError
from buildbot.status.encode import compact
from buildbot.status.listeners.delivery import ListenerDelivery
from buildbot.status.listeners.guard import Guard
from buildbot.status.listeners.listener import StatusListener
from buildbot.status.listeners.outcomes import Paused
from buildbot.status.listeners.sending import TIMEOUT, Refused, Sender, parse
from buildbot.status.listeners.tls import Trust
from buildbot.status.listeners.webhook.envelope import CONTENT_TYPE, cloudEvent
from buildbot.status.listeners.webhook.signing import keyOf, signed

GONE = 410
MARGIN = 10.0
"""Seconds that an attempt may take besides the request: secrets are asked for."""


class Webhook(StatusListener):
    """POSTs what happens to an address, in order for each build, until it is taken.

    ::

        Webhook(
            "https://hooks.example.org/buildbot",
            topics=["builds/*/finished", "changes/*/new"],
            secrets=[util.Secret("hook")],
        )

    Each request is a CloudEvent (``application/cloudevents+json``), signed after Standard Webhooks. Its ``webhook-id``
    is the same at each attempt. Only an answer of the 200s says that it was taken. What the receiver may take the next
    time is sent again, with growing pauses or when its ``Retry-After`` says, for a day; what it refuses is parked; and
    once it answers 410 nothing more is sent, until the listener is resumed.
    """

    attempts = 150
    """How often a delivery is tried before it is parked: for about a day."""

    def __init__(
        self,
        url: Any,
        topics: Sequence[str] = ("builds/*/finished",),
        *,
        secrets: Sequence[Any],
        filters: Mapping[str, Any] | None = None,
        allow: Sequence[str] = (),
        headers: Mapping[str, Any] | None = None,
        timeout: float = TIMEOUT,
        verify: bool | str = True,
        cert: str | tuple[str, str] | None = None,
        name: str | None = None,
    ) -> None:
        """``url``, each of ``secrets`` and the values of ``headers`` may be renderables, such as ``util.Secret``.

        ``topics``, ``filters``: what is sent, as ``subscribe`` has it. ``secrets``: ``whsec_…``; several while the
        receiver changes from one to the other. ``allow``: networks, addresses and hosts that are not public, and may
        get requests even so. ``timeout``: seconds for one request. ``verify``: False takes any certificate of the
        server; a text is the file of those who may vouch for it. ``cert``: the file of a certificate and key to show,
        or both. ``name``: under which it is remembered how far it is; by default one with the address's host. Raises
        ConfigError.
        """
        host = f"-{parse(url).host}" if isinstance(url, str) else ""
        super().__init__(name or f"Webhook{host}")
        if not host and not hasattr(url, "getRenderingFor"):
            raise ConfigError(f"{self.name}: url={url!r}: an address such as https://hooks.example.org is expected")
        if isinstance(topics, str) or not topics:
            raise ConfigError(f"{self.name}: topics={topics!r}: a list such as ['builds/*/finished'] is expected")
        if isinstance(secrets, str) or not secrets:
            raise ConfigError(f"{self.name}: secrets: a list with one at least is expected, such as [Secret('hook')]")
        for secret in secrets:
            if isinstance(secret, str):
                keyOf(secret)
        Trust(verify, cert)  # says now whether the files can be read
        guard = Guard(allow)
        if isinstance(url, str):
            guard.check(parse(url))
        self.topics, self.filters, self.timeout = list(topics), dict(filters or {}), timeout + MARGIN
        self._url, self._secrets, self._headers = url, list(secrets), dict(headers or {})
        self._options: dict[str, Any] = {"timeout": timeout, "verify": verify, "cert": cert, "guard": guard}
        self._sender: Sender | None = None

    async def happened(self, record: Any, delivery: ListenerDelivery) -> None:
        """See :attr:`~buildbot.status.listeners.StatusListener.topics`."""
        url, secrets, headers = await render([self._url, self._secrets, self._headers], {}, self.secrets)
        keys = [keyOf(secret) for secret in secrets]
        body = compact(cloudEvent(delivery, self.buildbotURL)).encode()
        # The place after the event names it. A full stop would end the name where it is signed.
        id = delivery.cursor.replace(".", "_")
        named = {"Content-Type": CONTENT_TYPE, **headers, **signed(id, int(time()), body, keys)}
        try:
            await self.sender.send("POST", url, body=body, headers=named)
        except Refused as error:
            if error.reply.status == GONE:
                raise Paused(f"{error.reason}: it wants no more webhooks") from error
            raise

    @property
    def sender(self) -> Sender:
        """What sends."""
        if self._sender is None:
            # A configuration is read before anything may choose which reactor there is.
            from twisted.internet import reactor

            self._sender = Sender(reactor, **self._options)
        return self._sender
