"""Logs of every type and size, in chunks of every compression."""

from __future__ import annotations

import bz2
import struct
import zlib
from collections.abc import Callable, Sequence
from random import Random

import brotli
import lz4.block
import zstandard

from .rows import Rows

RAW, GZ, BZ2, LZ4, ZSTD, BR, UNKNOWN = 0, 1, 2, 3, 4, 5, 9
"""What ``logchunks.compressed`` says. Nobody knows the last."""


def _lz4(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + bytes(lz4.block.compress(data, store_size=False))


def _zstd(data: bytes) -> bytes:
    # As a stream, so that the frame does not say how large it is: the kind that a reader has to be ready for.
    compressor = zstandard.ZstdCompressor(level=9).compressobj()
    return compressor.compress(data) + compressor.flush()


COMPRESS: dict[int, Callable[[bytes], bytes]] = {
    RAW: bytes,
    GZ: lambda data: zlib.compress(data, 9),
    BZ2: bz2.compress,
    LZ4: _lz4,
    ZSTD: _zstd,
    BR: lambda data: bytes(brotli.compress(data, mode=brotli.MODE_TEXT)),
    UNKNOWN: bytes,
}

WORDS = [
    "compile",
    "größe",
    "warning: 100%_unused",
    "日本",
    "\x1b[31mred\x1b[0m",
    "<b>&amp;</b>",
    "",
    "  two  ",
    "\t",
]


def lines(random: Random, type: str, count: int, width: int = 6) -> list[str]:
    """Lines as they are stored: with their prefix where the type has one."""
    made = []
    for _ in range(count):
        prefix = random.choice("oooeh") if type == "s" else ""
        made.append(prefix + " ".join(random.choice(WORDS) for _ in range(random.randrange(width))))
    return made


def addLog(
    rows: Rows,
    stepid: int,
    name: str,
    slug: str,
    type: str,
    content: Sequence[str],
    cuts: Sequence[tuple[int, int]],
    complete: bool = True,
    ahead: int = 0,
) -> int:
    """Add a log in chunks of as many lines and of such compressions as ``cuts`` says, the last pair again and
    again. ``ahead`` lines are stored, but not yet counted."""
    logid = rows.add(
        "logs",
        name=name,
        slug=slug,
        stepid=stepid,
        complete=int(complete),
        num_lines=len(content) - ahead,
        type=type,
    )
    first, number = 0, 0
    while first < len(content):
        size, compressed = cuts[min(number, len(cuts) - 1)]
        part = content[first : first + size]
        rows.add(
            "logchunks",
            logid=logid,
            first_line=first,
            last_line=first + len(part) - 1,
            content=COMPRESS[compressed]("\n".join(part).encode()),
            compressed=compressed,
        )
        first, number = first + len(part), number + 1
    return logid


def specialLogs(rows: Rows, random: Random, stepid: int) -> None:
    """Logs that are rarer than those of an ordinary step, all in one step."""
    mixed = [(3, RAW), (40, GZ), (7, BZ2), (50, LZ4), (60, ZSTD), (45, BR), (1, RAW)]
    for number, type in enumerate("sth"):
        content = lines(random, type, 400)
        addLog(rows, stepid, f"mixed {type}", f"mixed_{type}", type, content, mixed)
        addLog(rows, stepid, f"empty {type}", f"empty_{type}", type, [], mixed)
        one = [("o" if type == "s" else "") + "größe"]
        addLog(rows, stepid, f"one {type}", f"one_{type}", type, one, [(1, number)])
    for compressed in (RAW, GZ, BZ2, LZ4, ZSTD, BR):
        content = lines(random, "s", 30)
        addLog(rows, stepid, f"kind {compressed}", f"kind_{compressed}", "s", content, [(9, compressed)])
    addLog(rows, stepid, "big", "big", "t", lines(random, "t", 3000, width=20), [(1000, ZSTD), (600, BR)])
    addLog(rows, stepid, "wide", "wide", "s", ["o" + "größe " * 4000, "e", "h" + "x" * 70_000], [(1, GZ)])
    addLog(rows, stepid, "running", "running", "s", lines(random, "s", 25), [(10, RAW)], complete=False, ahead=5)
    addLog(rows, stepid, "日本", "日本", "t", ["größe", ""], [(2, RAW)])
    addLog(rows, stepid, "plain log!", "plain_log_", "t", ["a"], [(1, RAW)])
    addLog(rows, stepid, "plain log?", "plain_log__2", "t", ["", "", ""], [(3, RAW)])
    addLog(rows, stepid, "x" * 60, "x" * 50, "h", ["<script>alert(1)</script>"], [(1, BR)])
    addLog(rows, stepid, "9starts", "_starts", "t", ["o looks like a prefix", "e", "h"], [(2, BZ2)])
    for type, name in (("d", "deleted"), ("d", "deleted empty")):
        logid = addLog(rows, stepid, name, name.replace(" ", "_"), type, [], [(1, RAW)])
        if name == "deleted":
            rows.row("logs", logid)["num_lines"] = 1234
    addLog(rows, 99_999, "lost", "lost", "s", lines(random, "s", 5), [(2, RAW)])
