"""From the bytes of an answer to plain values, without holding up the reactor for long.

A decoder in C holds the interpreter for its whole call, some 10 ms for a megabyte. So what is large is decoded in a
thread, and there record by record.
"""

from __future__ import annotations

import json
import re
from typing import Any

from twisted.internet.threads import deferToThreadPool

SMALL = 64 * 1024
"""Bytes that are decoded at once: less than a millisecond."""
_START = re.compile(r'\s*\{\s*"([^"\\]+)"\s*:\s*\[\s*')
_NEXT = re.compile(r"\s*([,\]])\s*")
_REST = re.compile(r"\s*,\s*(?=\")")
_decoder = json.JSONDecoder()


async def decode(body: bytes, reactor: Any) -> Any:
    """What a JSON text stands for. Raises ValueError for what is none."""
    if len(body) <= SMALL:
        return json.loads(body)
    return await deferToThreadPool(reactor, reactor.getThreadPool(), bitwise, body)


def bitwise(body: bytes) -> Any:
    """As ``json.loads``, but ``{"name": [element, …], …}`` with one call of the decoder for each element."""
    text = body.decode()
    start = _START.match(text)
    if start is None:
        return json.loads(text)
    elements, position, more = [], start.end(), not text.startswith("]", start.end())
    while more:
        element, position = _decoder.raw_decode(text, position)
        elements.append(element)
        found = _NEXT.match(text, position)
        if found is None:
            raise ValueError(f"no JSON at {position}")
        position, more = found.end(), found[1] == ","
    if not elements:
        position += 1
    comma = _REST.match(text, position)
    rest = json.loads("{" + text[comma.end() :] if comma else "{" + text[position:])
    return {start[1]: elements, **rest}
