"""Answers that are read while they are written: raw logs and other bytes, as fast as the client takes them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

from buildbot.status.streams import Divisible, Stream
from buildbot.www.compression import COMPRESSORS
from buildbot.www.forms import Defer
from buildbot.www.negotiate import IDENTITY, byteRange
from buildbot.www.request import StatusRequest
from buildbot.www.terms import single
from buildbot.www.wire import disposition, head

SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""A log may be any HTML: it gets no scripts, no origin, and nothing from elsewhere."""


async def sendStream(request: StatusRequest, stream: Stream, inThread: Defer) -> None:
    """Answer with a stream. Memory holds a piece of it; when the client leaves, the reading ends at once.

    Raises a StatusError if that becomes clear before the first byte; later the connection is broken off.
    """
    length = stream.head.length
    wanted = None if length is None else _wanted(request, length)
    encoding = IDENTITY if wanted is not None else _encoding(request, stream.head.contentType)
    headers = _headers(stream, encoding)
    status, size = 200, length if encoding == IDENTITY else None
    if wanted is not None:
        first, last = wanted
        status, size = 206, last - first + 1
        headers.append(("Content-Range", f"bytes {first}-{last}/{length}"))
    if size is not None:
        headers.append(("Content-Length", str(size)))
    if request.method == b"HEAD":
        request.respond(status, head(status, headers), (), 0)
        return
    if wanted is None:
        pieces = _pieces(stream)
    elif hasattr(stream, "part"):
        pieces = _pieces(cast("Divisible", stream).part(*wanted))
    else:
        pieces = _part(stream, *wanted)
    if encoding != IDENTITY:
        pieces = _encoded(pieces, encoding, inThread)
    await request.pour(status, headers, _after(await anext(pieces, b""), pieces), size)


def _wanted(request: StatusRequest, length: int) -> tuple[int, int] | None:
    """The part that is asked for. With If-Range everything is sent: there is nothing to compare."""
    if request.requestHeaders.hasHeader(b"If-Range"):
        return None
    header = single(request.requestHeaders.getRawHeaders(b"Range"))
    return None if header is None else byteRange(header.decode("latin-1"), length)


def _encoding(request: StatusRequest, contentType: str) -> str:
    text = contentType.startswith("text/")
    encoding, identity, _ = request.terms.form
    return encoding if text or not identity else IDENTITY


def _headers(stream: Stream, encoding: str) -> list[tuple[str, str]]:
    headers = [
        ("Content-Type", stream.head.contentType),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", SANDBOX),
        ("Cache-Control", "no-cache"),
        ("Vary", "Accept-Encoding, Origin"),
    ]
    if stream.head.filename is not None:
        headers.append(("Content-Disposition", disposition(stream.head.filename)))
    if stream.head.length is not None:
        headers.append(("Accept-Ranges", "bytes"))
    if encoding != IDENTITY:
        headers.append(("Content-Encoding", encoding))
    return headers


async def _pieces(stream: Stream) -> AsyncIterator[bytes]:
    while piece := await stream.next():
        yield piece


async def _part(stream: Stream, first: int, last: int) -> AsyncIterator[bytes]:
    """What lies before the part is read and dropped, where a stream cannot do better."""
    position = 0
    async for piece in _pieces(stream):
        start, end = max(first - position, 0), last + 1 - position
        position += len(piece)
        if piece[start:end]:
            yield piece[start:end]
        if position > last:
            return


async def _encoded(pieces: AsyncIterator[bytes], encoding: str, inThread: Defer) -> AsyncIterator[bytes]:
    """Compressed in a thread, piece by piece."""
    compressor = COMPRESSORS[encoding]()
    async for piece in pieces:
        data = await inThread(lambda piece=piece: compressor.compress(piece))  # type: ignore[misc]  # a default binds the loop's value, which mypy cannot type
        if data:
            yield data
    yield compressor.flush()


async def _after(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first:
        yield first
        async for piece in pieces:
            yield piece
