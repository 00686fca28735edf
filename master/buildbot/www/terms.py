"""On which terms a request is answered: what its Host, Origin, Accept and Accept-Encoding headers come down to.

Clients send the same few headers again and again, so this is worked out once for each combination and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import attrs
from twisted.web.http_headers import Headers

from buildbot.errors import BadRequest, Misdirected, StatusError
from buildbot.www.compression import COMPRESSORS, PRECOMPRESSED
from buildbot.www.negotiate import IDENTITY, encodings, forBrowser
from buildbot.www.settings import WebSettings, hostOf, isAddress

KEPT = 1_000
LONGEST = 1_000
"""Bytes of a combination that is kept."""
EXPOSED = (
    "Content-Disposition, Content-Range, Deprecation, ETag, Link, Retry-After, Sunset, X-Request-Id, X-Status-Cursor"
)
"""Headers that a page of another origin may read."""

FormKey = tuple[str, bool, bool]
"""An encoding, whether unencoded is possible too, and whether indented: by which a form of a body is kept."""


@attrs.frozen
class Terms:
    """One combination of headers."""

    host: StatusError | None
    """Why a request with this Host is refused."""
    origin: StatusError | None
    """Why a request with this Origin is refused."""
    foreign: StatusError | None
    """Why no action is taken from it: only from this server's own pages is one, and from what is no page."""
    encoding: StatusError | None
    """Why no answer can be encoded for it."""
    form: FormKey
    ofFiles: Sequence[str]
    """Encodings of files, best first; where one is in none of them, it is sent unencoded."""
    typed: bool
    """Whether a browser asks that was given this address, rather than a script."""
    events: bool
    """Rows, and then what happens to them, are asked for."""
    cors: bytes
    """Header lines for a page of another origin."""

    @property
    def refusal(self) -> StatusError | None:
        """Why an answer of the API is refused."""
        return self.host or self.origin or self.encoding


class TermsBook:
    """All combinations of headers that were met lately."""

    def __init__(self, settings: WebSettings) -> None:
        self._hosts, self._origins = settings.hosts, settings.origins
        self._byAddress, self._own = settings.byAddress, settings.ownOrigin
        self._kept: dict[tuple[bytes | None, ...], Terms] = {}

    def of(self, headers: Headers) -> Terms:
        """The terms of a request with these headers."""
        get = headers.getRawHeaders
        key = (
            single(get(b"Host")),
            single(get(b"Origin")),
            single(get(b"Accept")),
            single(get(b"Accept-Encoding")),
        )
        terms = self._kept.get(key)
        if terms is None:
            terms = self._make(*(None if value is None else value.decode("latin-1") for value in key))
            if len(self._kept) >= KEPT:
                self._kept.clear()
            if sum(len(value or b"") for value in key) <= LONGEST:
                self._kept[key] = terms
        return terms

    def _make(self, host: str | None, origin: str | None, accept: str | None, encoding: str | None) -> Terms:
        best: Sequence[str] = [IDENTITY]
        refused: StatusError | None = None
        try:
            best = encodings(encoding, list(COMPRESSORS))
        except StatusError as error:
            refused = error
        typed = forBrowser(accept)
        allowed = origin is None or self.allowedOrigin(origin, host)
        return Terms(
            self._hostError(host),
            None if allowed else _foreign(origin),
            None if origin is None or self._isOwn(origin, host) else _foreign(origin, acts=True),
            refused,
            (best[0], IDENTITY in best, typed),
            _ofFiles(encoding),
            typed,
            accept is not None and "text/event-stream" in accept.lower(),
            crossOrigin(origin) if origin is not None and allowed else b"",
        )

    def _hostError(self, host: str | None) -> StatusError | None:
        """Without a Host, no browser was made to ask: nothing to protect from."""
        if host is None or "*" in self._hosts:
            return None
        name = hostOf(host)
        if name in self._hosts or (self._byAddress and isAddress(name)):
            return None
        return Misdirected(
            f"This server does not answer for the host {name!r}. If it should, name it in"
            " www['allowed_hosts'], or set buildbotURL."
        )

    def allowedOrigin(self, origin: str, host: str | None) -> bool:
        """Whether a page of that origin may ask: this server's own may, and those that the configuration names."""
        return self._isOwn(origin, host) or any(fnmatchcase(origin.lower(), glob) for glob in self._origins)

    def _isOwn(self, origin: str, host: str | None) -> bool:
        text = origin.lower()
        return text == self._own or (host is not None and text.partition("://")[2] == host.lower())

    def hostAllowed(self, host: str) -> StatusError | None:
        """As :attr:`Terms.host`, for a host that the request line names."""
        return self._hostError(host)


def _ofFiles(encoding: str | None) -> Sequence[str]:
    try:
        return encodings(encoding, list(PRECOMPRESSED))
    except StatusError:
        return ()


def _foreign(origin: str | None, *, acts: bool = False) -> BadRequest:
    """Begins with all that Buildbot says."""
    if acts:
        return BadRequest(f"invalid origin: a page of {origin!r} may do nothing here; only this server's own may.")
    return BadRequest(
        f"invalid origin: a page of {origin!r} may not ask here. If it should, name it in www['allowed_origins']."
    )


def crossOrigin(origin: str) -> bytes:
    """What lets a page of that origin read an answer."""
    lines = [f"Access-Control-Allow-Origin: {origin.lower()}", f"Access-Control-Expose-Headers: {EXPOSED}", ""]
    return "\r\n".join(lines).encode("latin-1")


def single(values: Sequence[bytes] | None) -> bytes | None:
    """A header's value; several lines are one list."""
    if values is None:
        return None
    return values[0] if len(values) == 1 else b", ".join(values)
