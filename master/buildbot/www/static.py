"""``/about``: files that came with this package, and a page about each error. All read at the start, so that no path a
client can think of reaches the disk."""

from __future__ import annotations

import inspect
import mimetypes
from collections.abc import Iterator
from hashlib import blake2b
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

import attrs

from buildbot.errors import NotFound, StatusError, allErrors
from buildbot.www.forms import encoded
from buildbot.www.negotiate import IDENTITY, matches
from buildbot.www.terms import single
from buildbot.www.wire import head

if TYPE_CHECKING:
    from buildbot.www.request import StatusRequest
    from buildbot.www.site import StatusSite

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TEXTS = ("application/json", "application/javascript", "text/", "image/svg")


@attrs.frozen
class File:
    """One file, ready to be sent."""

    contentType: str
    data: bytes
    etag: str = attrs.field(init=False)
    forms: dict[str, bytes] = attrs.field(factory=dict)
    """Compressed, by encoding."""

    @etag.default
    def _digest(self) -> str:
        return f'"{blake2b(self.data, digest_size=12).hexdigest()}"'

    @property
    def text(self) -> bool:
        """Whether an encoding makes it smaller."""
        return self.contentType.startswith(_TEXTS)


class About:
    """The handler of ``/about``; ``/about/api`` is the file ``api.html``."""

    def __init__(self, site: StatusSite) -> None:
        self._site = site
        self._files = dict(packaged())
        self._files.update((f"errors/{error.code}", File("text/html", errorPage(error))) for error in allErrors())

    async def __call__(self, request: StatusRequest, rest: str | None) -> None:
        request.allow("GET", "HEAD")
        request.kind = "static"
        path = rest or ""
        file = next((self._files[name] for name in (path, f"{path}.html") if name in self._files), None)
        if file is None:
            raise NotFound(f"Invalid path: about/{path}: there is no such page")
        await self._send(request, file)

    async def _send(self, request: StatusRequest, file: File) -> None:
        encoding = request.terms.form[0] if file.text else IDENTITY
        etag = file.etag if encoding == IDENTITY else f'{file.etag[:-1]}-{encoding}"'
        headers = [("ETag", etag), ("Cache-Control", "no-cache"), ("Vary", "Accept-Encoding")]
        held = single(request.requestHeaders.getRawHeaders(b"If-None-Match"))
        if held is not None and matches(held.decode("latin-1"), etag):
            request.respond(304, head(304, headers), (), 0)
            return
        data = file.data
        if encoding != IDENTITY:
            if encoding not in file.forms:
                made = await self._site.inThread(lambda: encoded([file.data], encoding))
                file.forms[encoding] = b"".join(made)
            data = file.forms[encoding]
            headers.append(("Content-Encoding", encoding))
        headers += [("Content-Security-Policy", POLICY), ("Referrer-Policy", "no-referrer")]
        text = file.contentType.startswith("text/")
        request.send(200, headers, data, f"{file.contentType}; charset=utf-8" if text else file.contentType)


class Front:
    """The handler of ``/``: where a person who only knows the address is sent."""

    def __init__(self, site: StatusSite) -> None:
        self._site = site

    async def __call__(self, request: StatusRequest, rest: str | None) -> None:
        request.allow("GET", "HEAD")
        request.kind = "static"
        target = f"{self._site.settings.basePath}/about/api"
        request.send(302, [("Location", target), ("Cache-Control", "no-cache")], b"", "text/plain; charset=utf-8")


def packaged() -> Iterator[tuple[str, File]]:
    """The files of the folder ``static``, by path."""
    root = files("buildbot.www") / "static"
    if root.is_dir():
        yield from _below(root, "")


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, File]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _below(entry, f"{prefix}{entry.name}/")
        else:
            kind = mimetypes.guess_type(entry.name)[0] or "application/octet-stream"
            yield prefix + entry.name, File(kind, entry.read_bytes())


def errorPage(error: type[StatusError]) -> bytes:
    """What is to be known about an error: its class's docstring is the documentation."""
    text = escape(inspect.cleandoc(error.__doc__ or "")).replace("``", "")
    title = escape(error.title)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body><h1>{title}</h1>\n<p>HTTP status {error.status}, code <code>{error.code}</code></p>\n"
        f"<p>{text}</p></body></html>\n"
    ).encode()
