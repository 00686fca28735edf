"""Files that browsers get as they are: about the API and its errors, the web pages, and what extends those. All are
read, compressed and given their headers at the start, so that no path a client can think of reaches the disk."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from buildbot.errors import StatusError, allErrors
from buildbot.www.compression import COMPRESSORS, PRECOMPRESSED, compressed
from buildbot.www.forms import TINY, Form
from buildbot.www.negotiate import IDENTITY
from buildbot.www.wire import head

if TYPE_CHECKING:
    from buildbot.www.request import StatusRequest

POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'none';"
    " frame-ancestors 'none'"
)
ASK_AGAIN, FOREVER = "no-cache", "max-age=31536000, immutable"
"""Forever is for addresses that hold a digest of what is there."""
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""Of files, by their names' ends; the same on every machine. What is not called a script, browsers do not run."""
_TEXTS = ("application/json", "application/manifest", "image/svg", "text/")
_HASHED = ("assets", "plugins")
"""Folders with nothing in them that anybody types."""

File = Mapping[str, Form]
"""How a file is sent, by encoding; always unencoded too."""


class Static:
    """Answers for the paths that no handler has."""

    def __init__(self, basePath: str, pages: Mapping[str, File]) -> None:
        """``pages``: as :meth:`buildbot.www.pages.Pages.files` gives them; without any, ``/`` leads to the API's."""
        self._front = f"{basePath}/about/api"
        self._files = {**pages, **about()}
        self._index = pages.get("")

    def answer(self, request: StatusRequest, path: str) -> bool:
        """Answer, if there is something at this path; whether there was."""
        file = self._files.get(unquote(path[1:])) or self._page(request, path)
        if file is None and path != "/":
            return False
        request.allow("GET", "HEAD")
        request.kind = "static"
        if file is None:
            headers = [("Location", self._front), ("Cache-Control", ASK_AGAIN)]
            request.send(302, headers, b"", TYPES[".txt"])
        else:
            best = next((name for name in request.terms.ofFiles if name in file), IDENTITY)
            request.sendForm(file[best])
        return True

    def _page(self, request: StatusRequest, path: str) -> File | None:
        """What shows an address that somebody typed, shared or reloaded: of whatever the pages know, there is only the
        one document."""
        first, _, rest = path[1:].partition("/")
        # Deeper down, names with a dot are those of builders and logs.
        isFile = first in _HASHED or ("." in first and not rest)
        typed = request.method in (b"GET", b"HEAD") and request.terms.typed
        return self._index if typed and not isFile else None


@functools.cache
def about() -> Mapping[str, File]:
    """What is below ``/about``, by path; ``about/api`` is the file ``api.html``."""
    found = read(files("buildbot.www") / "static")
    packaged = {f"about/{path.removesuffix('.html')}": file for path, file in served(found)}
    pages = {f"about/errors/{error.code}": made(errorPage(error), TYPES[".html"]) for error in allErrors()}
    return {**packaged, **pages}


def read(root: Traversable, prefix: str = "") -> dict[str, bytes]:
    """All files below a folder, by path."""
    found = {}
    for entry in root.iterdir():
        if entry.is_dir():
            found.update(read(entry, f"{prefix}{entry.name}/"))
        else:
            found[prefix + entry.name] = entry.read_bytes()
    return found


def served(found: Mapping[str, bytes], forever: tuple[str, ...] = ()) -> Iterator[tuple[str, File]]:
    """Files as they are sent, by path. Those whose paths begin with one of ``forever`` never change."""
    for path, data in found.items():
        stem, dot, end = path.rpartition(".")
        if not (dot + end in PRECOMPRESSED.values() and stem in found):
            ready = {how: found[path + end] for how, end in PRECOMPRESSED.items() if path + end in found}
            caching = FOREVER if path.startswith(forever) else ASK_AGAIN
            yield path, made(data, TYPES.get(dot + end, "application/octet-stream"), caching, ready)


def made(
    data: bytes,
    contentType: str,
    caching: str = ASK_AGAIN,
    ready: Mapping[str, bytes] | None = None,
    vary: str = "Accept-Encoding, Origin",
) -> File:
    """A file. ``ready``: how it is encoded already; without that, texts are encoded now."""
    if not ready and contentType.startswith(_TEXTS) and len(data) >= TINY:
        ready = {how: b"".join(compressed(how, [data])) for how in PRECOMPRESSED if how in COMPRESSORS}
    digest = blake2b(data, digest_size=12).hexdigest()
    return {
        how: _form(how, sent, digest, contentType, caching, vary)
        for how, sent in {IDENTITY: data, **(ready or {})}.items()
    }


def _form(encoding: str, sent: bytes, digest: str, contentType: str, caching: str, vary: str) -> Form:
    encodes = encoding != IDENTITY
    etag = f'"{digest}-{encoding}"' if encodes else f'"{digest}"'
    shared = [("ETag", etag), ("Cache-Control", caching), ("Vary", vary)]
    own = [
        ("Content-Type", contentType),
        ("Content-Length", str(len(sent))),
        *([("Content-Encoding", encoding)] if encodes else []),
        ("Content-Security-Policy", POLICY),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return Form(head(200, [*own, *shared]), head(304, shared), etag.encode(), (sent,), len(sent))


def errorPage(error: type[StatusError]) -> bytes:
    """What is to be known about an error: its class's docstring is the documentation."""
    text = escape(inspect.cleandoc(error.__doc__ or "")).replace("``", "")
    title = escape(error.title)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body><h1>{title}</h1>\n<p>HTTP status {error.status}, code <code>{error.code}</code></p>\n"
        f"<p>{text}</p></body></html>\n"
    ).encode()
