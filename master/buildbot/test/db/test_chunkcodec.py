"""The six kinds of compression, and what is not one of them."""

from __future__ import annotations

import bz2
import struct
import sys
import tracemalloc
import zlib

import brotli
import lz4.block
import zstandard
from twisted.trial.unittest import TestCase

from buildbot.db.chunkcodec import decode
from buildbot.errors import Unprocessable

TEXT = "oout1\neerr ß日本\nh\x1b[31mred\n".encode() * 500


def zstd(data: bytes) -> bytes:
    compressor = zstandard.ZstdCompressor(level=9).compressobj()
    return compressor.compress(data) + compressor.flush()


COMPRESS = {
    0: lambda data: data,
    1: lambda data: zlib.compress(data, 9),
    2: bz2.compress,
    3: lambda data: struct.pack("<I", len(data)) + lz4.block.compress(data, store_size=False),
    4: zstd,
    5: lambda data: brotli.compress(data, mode=brotli.MODE_TEXT),
}


class DecodeTests(TestCase):
    def refused(self, compressed: int, content: bytes, limit: int = 1 << 20) -> str:
        error = self.assertRaises(Unprocessable, decode, compressed, content, "Log 17", limit)
        self.assertTrue(str(error).startswith("Log 17 "), error)
        return str(error)

    def test_vector(self) -> None:
        """A chunk that a stock master wrote."""
        content = bytes.fromhex("78dacbcf2f2d31e44a4d2d2a32e4cac8482932040035df05c3")
        self.assertEqual(decode(1, content), b"oout1\neerr1\nhhdr1")

    def test_kinds(self) -> None:
        """What was compressed comes back, of every kind, length and compressibility."""
        noise = zstd(TEXT) + bytes(range(256)) * 3
        for kind, compress in COMPRESS.items():
            for data in (b"", b"o", TEXT, TEXT * 200, noise):
                self.assertEqual(decode(kind, compress(data)), data, kind)

    def test_gzip(self) -> None:
        """A gzip file is taken for the kind that is called so."""
        compressor = zlib.compressobj(wbits=31)
        self.assertEqual(decode(1, compressor.compress(TEXT) + compressor.flush()), TEXT)

    def test_null(self) -> None:
        """A null is no content."""
        self.assertEqual(decode(0, None), b"")

    def test_unknown(self) -> None:
        """An unknown kind is named."""
        self.assertIn("kind 9", self.refused(9, TEXT))

    def test_truncated(self) -> None:
        """Content that was cut off anywhere is refused, never shown in part."""
        for kind in range(1, 6):
            content = COMPRESS[kind](TEXT)
            for length in range(len(content)):
                self.assertIn("broken", self.refused(kind, content[:length]), (kind, length))

    def test_broken(self) -> None:
        """Content that is something else is refused."""
        for kind in range(1, 6):
            for content in (b"", b"\0", b"something else", b"\xff" * 100):
                self.refused(kind, content)

    def test_missingLibrary(self) -> None:
        """A library that is not installed is named, with what to install."""
        for kind, library in ((3, "lz4"), (4, "zstandard"), (5, "brotli")):
            self.patch(sys, "modules", {**sys.modules, library: None, f"{library}.block": None})
            message = self.refused(kind, COMPRESS[kind](TEXT))
            self.assertIn(f"'{library}' is not installed", message)
            self.assertIn("pip install", message)

    def test_limit(self) -> None:
        """Content of exactly the limit is taken, one byte more is refused."""
        for kind, compress in COMPRESS.items():
            self.assertEqual(decode(kind, compress(TEXT), limit=len(TEXT)), TEXT)
            self.assertIn(f"more than {len(TEXT) - 1} bytes", self.refused(kind, compress(TEXT), len(TEXT) - 1))

    def test_bomb(self) -> None:
        """Content that would become 200 MB takes no more memory than the limit, or in zstd 32 MB at a
        time."""
        bomb = bytes(200 << 20)
        for kind in range(1, 6):
            content = brotli.compress(bomb, quality=1) if kind == 5 else COMPRESS[kind](bomb)
            tracemalloc.start()
            self.assertIn("more than", self.refused(kind, content))
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            self.assertLess(peak, (36 if kind == 4 else 4) << 20, kind)

    def test_claimedSize(self) -> None:
        """An lz4 block that claims to be huge is refused before anything is allocated for it."""
        self.assertIn("more than", self.refused(3, b"\xff\xff\xff\x7f" + b"x" * 10))
