"""Records to JSON bytes, at most 50 of them in one call of the encoder.

A C encoder holds the interpreter for its whole call, about 15 ms for a megabyte, and no switch interval breaks it: so
that a thread that encodes never stalls the reactor, answers are encoded in pieces (SPEED.md §2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import simplejson

PIECE = 50

_encoder = simplejson.JSONEncoder(
    separators=(",", ":"), namedtuple_as_object=False, tuple_as_array=True, use_decimal=False, ignore_nan=True
)
_pretty = simplejson.JSONEncoder(indent="  ", ignore_nan=True, use_decimal=False)
compact = _encoder.encode
"""Any JSON value, as short as possible. What is not a number in JSON becomes null."""


def pretty(value: Any) -> str:
    """Any JSON value, indented for a person."""
    return _pretty.encode(value)


def pieces(plural: str, records: Sequence[Mapping[str, Any]], meta: Mapping[str, Any]) -> Iterator[bytes]:
    """The body ``{"<plural>":[…],"meta":{…}}`` in pieces of at most 50 records."""
    yield f"{{{compact(plural)}:[".encode()
    for start in range(0, len(records), PIECE):
        text = compact(records[start : start + PIECE])[1:-1]
        yield (f",{text}" if start else text).encode()
    yield f'],"meta":{compact(meta)}}}'.encode()
