"""Encodings of answers: gzip, and Brotli and Zstandard where their libraries are there."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

try:
    import brotli
except ImportError:
    brotli = None
try:
    import zstandard
except ImportError:
    zstandard = None  # type: ignore[assignment]  # optional: None where it is not installed


class Compressor(Protocol):
    """One stream of bytes, made smaller piece by piece."""

    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


class _Brotli:
    def __init__(self) -> None:
        self._compressor = brotli.Compressor(quality=4)

    def compress(self, data: bytes, /) -> bytes:
        return bytes(self._compressor.process(data))

    def flush(self) -> bytes:
        return bytes(self._compressor.finish())


COMPRESSORS: Mapping[str, Callable[[], Compressor]] = {
    **({"zstd": lambda: zstandard.ZstdCompressor(level=3).compressobj()} if zstandard else {}),
    **({"br": _Brotli} if brotli else {}),
    "gzip": lambda: zlib.compressobj(4, zlib.DEFLATED, 31),
}
"""By name, those that cost least for what they give first."""
PRECOMPRESSED = {"br": ".br", "gzip": ".gz"}
"""Encodings of files, best first, and what the names of files that are encoded already end with."""


def compressed(encoding: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Bytes in that encoding; as many pieces as come in, or fewer."""
    compressor = COMPRESSORS[encoding]()
    for piece in pieces:
        data = compressor.compress(piece)
        if data:
            yield data
    yield compressor.flush()
