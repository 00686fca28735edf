"""Records to JSON bytes, at most 50 of them in one call of the encoder.

A C encoder holds the interpreter for its whole call, about 15 ms for a megabyte, and no switch interval breaks it: so
that a thread that encodes never stalls the reactor, answers are encoded in pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import simplejson

PIECE = 50
"""Records."""
SLICE = 16 * 1024
"""Characters of a long text."""


def _readable(value: Any) -> str:
    """A column for text may hold bytes."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    raise TypeError(f"a {type(value).__name__} is nothing in JSON")


_encoder = simplejson.JSONEncoder(
    separators=(",", ":"),
    namedtuple_as_object=False,
    tuple_as_array=True,
    use_decimal=False,
    ignore_nan=True,
    encoding=None,  # type: ignore[arg-type]  # documented: bytes go to default
    default=_readable,
)
_pretty = simplejson.JSONEncoder(indent="  ", ignore_nan=True, use_decimal=False)
compact = _encoder.encode
"""Any JSON value, as short as possible. What is not a number in JSON becomes null."""


def pretty(value: Any) -> str:
    """Any JSON value, indented for a person."""
    return _pretty.encode(value)


def longPieces(plural: str, records: Sequence[Mapping[str, Any]], meta: Mapping[str, Any]) -> Iterator[bytes]:
    """As :func:`pieces`, for records that hold texts of megabytes: these are encoded in slices as well."""
    yield f"{{{compact(plural)}:[".encode()
    for number, record in enumerate(records):
        yield b",{" if number else b"{"
        for index, (name, value) in enumerate(record.items()):
            yield f"{',' if index else ''}{compact(name)}:".encode()
            yield from _slices(value) if isinstance(value, str) else [compact(value).encode()]
        yield b"}"
    yield f'],"meta":{compact(meta)}}}'.encode()


def _slices(text: str) -> Iterator[bytes]:
    yield b'"'
    for start in range(0, len(text), SLICE):
        yield compact(text[start : start + SLICE])[1:-1].encode()
    yield b'"'


def pieces(plural: str, records: Sequence[Mapping[str, Any]], meta: Mapping[str, Any]) -> Iterator[bytes]:
    """The body ``{"<plural>":[…],"meta":{…}}`` in pieces of at most 50 records."""
    return _pieces(plural, records, meta, lambda some: compact(some)[1:-1])


def textPieces(plural: str, texts: Sequence[str], meta: Mapping[str, Any]) -> Iterator[bytes]:
    """As :func:`pieces`, for records that are JSON already."""
    return _pieces(plural, texts, meta, ",".join)


def _pieces(
    plural: str, records: Sequence[Any], meta: Mapping[str, Any], join: Callable[[Sequence[Any]], str]
) -> Iterator[bytes]:
    yield f"{{{compact(plural)}:[".encode()
    for start in range(0, len(records), PIECE):
        text = join(records[start : start + PIECE])
        yield (f",{text}" if start else text).encode()
    yield f'],"meta":{compact(meta)}}}'.encode()
