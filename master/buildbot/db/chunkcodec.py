"""How the content of a log chunk is compressed: the six kinds that Buildbot writes.
 Decompressing is bounded: a chunk that becomes larger than ``limit`` is refused before it is that large.
Libraries that are not Python's own are imported when a chunk needs them.
"""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any

from buildbot.errors import Unprocessable

LIMIT = 64 * 1024 * 1024
"""Bytes that one chunk may become. Buildbot means chunks to be of 64 KiB, but writes one append as one
chunk."""
_FEED, _BUFFER, _WINDOW = 1024, 16 * 1024, 8 * 1024 * 1024
"""Of zstd: bytes that go in at once, that come out at once, and that are looked back on at most. Buildbot's
level needs 4 MiB of the last."""


class _TooLarge(Exception):
    pass


class _Broken(Exception):
    pass


def decode(compressed: int, content: bytes | None, where: str = "This log", limit: int = LIMIT) -> bytes:
    """The lines of a chunk, joined by newlines, without the last one's.

    Raises Unprocessable, beginning with ``where``, for an unknown kind, a library that is not installed,
    content that is broken, and content of more than ``limit`` bytes.
    """
    kind = _KINDS.get(compressed)
    if kind is None:
        raise Unprocessable(f"{where} is stored in a way that is not known here: kind {compressed} of compression.")
    name, module, decompress = kind
    try:
        library = import_module(module) if module else None
    except ImportError:
        raise Unprocessable(
            f"{where} is compressed with {name}, for which the Python package {module.split('.')[0]!r} is not "
            "installed here: pip install 'buildbot-status[compression]'.",
            compression=name,
        ) from None
    try:
        return decompress(library, bytes(content or b""), limit)
    except _TooLarge:
        raise Unprocessable(f"{where} has a chunk of more than {limit} bytes.", compression=name) from None
    except Exception as error:
        raise Unprocessable(f"{where} has a chunk of broken {name} data.", compression=name) from error


def _raw(_: Any, content: bytes, limit: int) -> bytes:
    if len(content) > limit:
        raise _TooLarge
    return content


def _zlib(_: Any, content: bytes, limit: int) -> bytes:
    # Told from a gzip file by its header: the kind's name says gzip, though Buildbot writes plain zlib.
    return _bounded(zlib.decompressobj(zlib.MAX_WBITS | 32), content, limit)


def _bzip2(_: Any, content: bytes, limit: int) -> bytes:
    return _bounded(bz2.BZ2Decompressor(), content, limit)


def _bounded(decompressor: Any, content: bytes, limit: int) -> bytes:
    result: bytes = decompressor.decompress(content, limit + 1)
    if len(result) > limit:
        raise _TooLarge
    if not decompressor.eof:
        raise _Broken
    return result


def _lz4(lz4: Any, content: bytes, limit: int) -> bytes:
    """One block, after its size in four bytes, which is what is allocated."""
    if len(content) < 4:
        raise _Broken
    if int.from_bytes(content[:4], "little") > limit:
        raise _TooLarge
    result: bytes = lz4.decompress(content)
    return result


def _zstd(zstandard: Any, content: bytes, limit: int) -> bytes:
    """One frame, which does not tell its size. The library bounds what it gives only where it does not tell
    whether the frame was complete; so it is fed so little at once that it cannot give much."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj(write_size=_BUFFER)
    view = memoryview(content)
    pieces: list[bytes] = []
    size = 0
    for begin in range(0, len(content), _FEED):
        pieces.append(decompressor.decompress(view[begin : begin + _FEED]))
        size += len(pieces[-1])
        if size > limit:
            raise _TooLarge
        if decompressor.eof:
            return b"".join(pieces)
    raise _Broken


def _brotli(brotli: Any, content: bytes, limit: int) -> bytes:
    decompressor = brotli.Decompressor()
    pieces: list[bytes] = []
    size = 0
    while not decompressor.is_finished():
        piece = decompressor.process(b"" if pieces else content, output_buffer_limit=1024 * 1024)
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise _TooLarge
        if not piece and not decompressor.is_finished():
            raise _Broken
    return b"".join(pieces)


_KINDS: dict[int, tuple[str, str, Callable[[Any, bytes, int], bytes]]] = {
    0: ("nothing", "", _raw),
    1: ("gz", "", _zlib),
    2: ("bz2", "", _bzip2),
    3: ("lz4", "lz4.block", _lz4),
    4: ("zstd", "zstandard", _zstd),
    5: ("br", "brotli", _brotli),
}
