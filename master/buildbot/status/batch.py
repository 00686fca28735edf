"""Several calls in one message, as every language but the in-process one carries them.

The request is ``[["builders/linux/builds", {"limit": 5}], ["masters"], …]``: a path and a query each; or an object that
holds this list as ``calls``. The answer is
``{"answers":[…],"meta":{}}``, with what each call alone would be answered with, in the same order; an error is the
object that it is elsewhere (:func:`buildbot.status.wire.problem`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import simplejson

from buildbot.errors import BadQuery, StatusError
from buildbot.status.encode import compact
from buildbot.status.query import asked
from buildbot.status.wire import problem

Call = tuple[str, Sequence[tuple[str, str]]]
_FORM = 'a batch is a list of ["path", {"name": value}], in JSON'


class HasPieces(Protocol):
    """An answer in bytes: :class:`buildbot.status.service.Body`."""

    @property
    def pieces(self) -> Sequence[bytes]: ...


def parseBatch(text: bytes) -> list[Call]:
    """Read a request. Raises :class:`~buildbot.errors.BadQuery`, which says which call is not as it should be."""
    try:
        calls = simplejson.loads(text)
    except (ValueError, RecursionError):
        raise BadQuery(f"{_FORM}; this is no JSON") from None
    if isinstance(calls, dict) and list(calls) == ["calls"]:
        calls = calls["calls"]
    if not isinstance(calls, list):
        raise BadQuery(_FORM)
    return [_call(index, call) for index, call in enumerate(calls)]


def _call(index: int, call: Any) -> Call:
    if not isinstance(call, list) or len(call) not in (1, 2) or not isinstance(call[0], str):
        raise BadQuery(f"call {index}: {_FORM}")
    query = call[1] if len(call) == 2 else {}
    if not isinstance(query, dict) or any(isinstance(value, dict) for value in query.values()):
        raise BadQuery(f"call {index}: {_FORM}, a value being a text, a number, a boolean, or a list of them")
    return asked(call[0], query)


def writeBatch(calls: Sequence[Call]) -> bytes:
    """Write a request."""
    return compact([[path, _mapping(given)] for path, given in calls]).encode()


def _mapping(given: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, text in given:
        found.setdefault(name, []).append(text)
    return found


def batchPieces(answers: Sequence[HasPieces | StatusError]) -> Iterator[bytes]:
    """The answer to a batch, in pieces."""
    yield b'{"answers":['
    for index, answer in enumerate(answers):
        if index:
            yield b","
        if isinstance(answer, StatusError):
            yield compact(problem(answer)).encode()
        else:
            yield from answer.pieces
    yield b'],"meta":{}}'
