"""Answers as they go over the wire: head and body, made once for each encoding and kept with the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha1
from typing import Any

import attrs
import simplejson
from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure

from buildbot.status.encode import pretty
from buildbot.status.service import Body
from buildbot.www.compression import compressed
from buildbot.www.deprecation import deprecationHeaders
from buildbot.www.negotiate import IDENTITY
from buildbot.www.terms import FormKey
from buildbot.www.wire import JSON, head, linkTarget

SMALL = 32_768
"""Bytes; a form of a body up to this size is made at once, on the reactor thread."""
TINY = 600
"""Bytes; below, an encoding saves nothing."""
MOST_INDENTED = 1_000_000
"""Bytes; nobody reads more, and a parser holds the interpreter until it is done."""
VARY = "Accept, Accept-Encoding, Origin"

Defer = Callable[[Callable[[], Any]], Deferred[Any]]
"""Runs a function in a thread."""


@attrs.frozen
class Form:
    """One answer in one encoding: what is the same each time it is sent."""

    head: bytes
    """Status line and headers; those of one request and the empty line follow."""
    unchanged: bytes
    """The same for a client that has it already (304)."""
    etag: bytes
    pieces: Sequence[bytes]
    length: int


@attrs.frozen
class FormMaker:
    """Makes forms of bodies; small ones at once, large ones in a thread, and never the same twice at a time."""

    inThread: Defer
    prefix: str
    """What a link to a path of the API begins with: ``/api/v2/``."""
    cacheControl: str

    def form(self, body: Body, key: FormKey) -> Deferred[Form]:
        """Fires with the form of a body that these terms ask for."""
        kept = body.forms.get(key)
        if isinstance(kept, Form):
            return succeed(kept)
        if body.size <= SMALL and not key[2]:
            made = body.forms[key] = self.make(body, *key)
            return succeed(made)
        if kept is None:
            kept = body.forms[key] = _Making()
            self.inThread(lambda: self.make(body, *key)).addBoth(self._made, body, key, kept)
        return kept.wait()

    @staticmethod
    def _made(result: Form | Failure, body: Body, key: FormKey, making: _Making) -> None:
        if isinstance(result, Failure):
            del body.forms[key]
        else:
            body.forms[key] = result
        making.done(result)

    def make(self, body: Body, encoding: str, identity: bool, indented: bool) -> Form:
        """Pure; in any thread."""
        if identity and body.size < TINY:
            encoding = IDENTITY
        pieces: Sequence[bytes] = body.pieces
        if indented and body.size <= MOST_INDENTED:
            pieces = [pretty(simplejson.loads(b"".join(pieces))).encode()]
        digest = sha1(usedforsecurity=False)  # the fastest there is, where processors know it
        for piece in pieces:
            digest.update(piece)
        etag = f'"{digest.hexdigest()[:24]}{"" if encoding == IDENTITY else "-" + encoding}"'
        sent = encoded(pieces, encoding)
        length = sum(map(len, sent))
        shared = [("ETag", etag), ("Cache-Control", self.cacheControl), ("Vary", VARY)]
        if body.cursor is not None:
            shared.append(("X-Status-Cursor", body.cursor))
        if "next" in body.meta:
            shared.append(("Link", f'<{self.prefix}{linkTarget(body.meta["next"])}>; rel="next"'))
        shared += deprecationHeaders(body.meta)
        own = [("Content-Type", JSON), ("Content-Length", str(length)), ("X-Content-Type-Options", "nosniff")]
        if encoding != IDENTITY:
            own.append(("Content-Encoding", encoding))
        return Form(head(200, [*own, *shared]), head(304, shared), etag.encode(), sent, length)


def encoded(pieces: Sequence[bytes], encoding: str) -> Sequence[bytes]:
    """Pieces as they are sent: in an encoding, and in one piece where that is small."""
    made = pieces if encoding == IDENTITY else list(compressed(encoding, pieces))
    return (b"".join(made),) if sum(map(len, made)) <= SMALL else tuple(made)


class _Making:
    """A form that is being made, and those who wait for it."""

    def __init__(self) -> None:
        self._waiting: list[Deferred[Form]] = []

    def wait(self) -> Deferred[Form]:
        deferred: Deferred[Form] = Deferred(lambda cancelled: self._waiting.remove(cancelled))
        self._waiting.append(deferred)
        return deferred

    def done(self, result: Form | Failure) -> None:
        waiting, self._waiting = self._waiting, []
        for deferred in waiting:
            deferred.errback(result) if isinstance(result, Failure) else deferred.callback(result)
