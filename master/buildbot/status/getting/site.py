"""Where Buildbot's web pages show things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from twisted.internet.defer import DeferredList, succeed

from buildbot.status.definition import Resource


async def urlOf(status: Any, thing: Resource) -> str | None:
    """The address of the page of a thing, or None. Where its page is, and what it is part of, is asked in one batch."""
    words = list(_above(type(thing)))
    again = status.again(thing, {"expand": ".".join(words)}) if words else succeed(thing)
    found = await DeferredList([status.getBuildbotURL(), again], consumeErrors=True)
    for done, result in found:
        if not done:
            result.raiseException()
    (_, base), (_, thing) = found
    page = await _page(thing)
    return None if base is None or page is None else f"{base}#/{page}"


def _above(cls: type[Resource]) -> Iterator[str]:
    """The relations that lead to the thing whose page a type's begins with."""
    word = _first(cls)
    if word is not None:
        yield word
        yield from _above(cls.Relations[word].target)


def _first(cls: type[Resource]) -> str | None:
    match = re.match(r"\{(\w+)\}", cls.Page)
    return match[1] if match and match[1] in cls.Relations else None


async def _page(thing: Any) -> str | None:
    """The page of a thing with which those that it is part of came."""
    cls, start = type(thing), None
    word = _first(cls)
    if word is not None:
        above = await getattr(thing, cls.Relations[word].name)()
        start = None if above is None else await _page(above)
        if start is None:
            return None

    def value(match: re.Match[str]) -> str:
        name = match[1]
        return start if start is not None and name == word else quote(str(getattr(thing, name)), safe="")

    return re.sub(r"\{(\w+)\}", value, cls.Page) or None
