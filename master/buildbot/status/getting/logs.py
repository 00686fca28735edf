"""What may be asked of a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred

from buildbot.errors import TooLarge

if TYPE_CHECKING:
    from buildbot.status.definition import Resource

MOST = 1024 * 1024
AT_ONCE = 1000
"""Lines in one call."""
PREFIXED = "s"


def getText(log: Resource, *, streams: str = "oe", most: int = MOST) -> Deferred[str]:
    """The text of a log as it is now, line ends included.

    Of a log of type ``s`` the lines whose prefix is among ``streams`` (``o`` output, ``e`` errors, ``h`` headings),
    without it. Fires with a text of at most ``most`` characters; fails with :class:`~buildbot.errors.TooLarge` for a
    longer one: ``open()`` gives any length, piece by piece.
    """
    return Deferred.fromCoroutine(_text(log, streams, most))


async def _text(log: Any, streams: str, most: int) -> str:
    found: list[str] = []
    size = line = 0
    while True:
        [chunk] = await log._connection.below(log, "contents", {"offset": line, "limit": AT_ONCE})
        lines = chunk.content.removesuffix("\n").split("\n") if chunk.content else []
        line += len(lines)
        kept = [text[1:] for text in lines if text[:1] in streams] if log.type == PREFIXED else lines
        size += sum(map(len, kept)) + len(kept)
        if size > most:
            raise TooLarge(f"{log!r}: its text is longer than most={most}; open() gives any length, piece by piece")
        found += kept
        if len(lines) < AT_ONCE:
            return "".join(f"{text}\n" for text in found)
