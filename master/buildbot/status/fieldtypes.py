"""What a field's annotation means: its type in JSON, whether it may be null, and how a filter's text becomes a value.

The annotation is the one statement of a field's type; the Python type that callers see, the JSON type, nullability and
the parser of filters are all read from it::

    name: str                       string
    results: int | None             integer, may be null
    started_at: Time                datetime: an integer of epoch seconds
    tags: Sequence[str]             list of string
    sourcestamp: SourceStamp        a whole record of another type
    workerinfo: Mapping[str, Any]   an object with keys of its own
"""

from __future__ import annotations

import base64
import json
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any, NewType

import attrs

from buildbot.errors import BadQuery, DefinitionError

Time = NewType("Time", int)
"""Whole seconds since the epoch, UTC."""
Identifier = NewType("Identifier", str)
"""A text that Buildbot calls an identifier: letters, digits, ``_`` and ``-``. Old rows hold other texts as well."""
Json = Mapping[str, Any]


def fromJson(text: str | None) -> Any:
    """What a column's JSON text holds; None for what is no JSON, which old rows may hold."""
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return None


def fromBase64(text: str | None) -> str | None:
    """The text that standard base64 holds, read as UTF-8; None for what is neither."""
    try:
        return None if text is None else base64.b64decode(text).decode("utf-8", "replace")
    except ValueError:
        return None


LARGEST = 2**63 - 1
TRUE, FALSE = ("true", "on", "yes", "1"), ("false", "off", "no", "0")


@attrs.frozen
class FieldType:
    """The type of a field. ``kind`` is one of integer, string, identifier, boolean, datetime, list, record, object,
    binary: the words that Buildbot's own specification uses, but for *record*."""

    kind: str
    nullable: bool = False
    of: FieldType | None = None
    """Of what a list is."""
    record: type | None = None
    """The resource type of a record."""
    keys: type | None = None
    """The ``TypedDict`` of an object with known keys."""

    @property
    def scalar(self) -> bool:
        """May be compared in a filter and sorted by."""
        return self.kind in PARSERS

    @property
    def filterable(self) -> bool:
        """May be named in a filter: scalars, and lists of scalars (``contains``)."""
        return self.scalar or (self.kind == "list" and self.of is not None and self.of.scalar)

    def parse(self, name: str, text: str) -> Any:
        """The value that a filter's text stands for; :class:`~buildbot.errors.BadQuery` names parameter ``name``."""
        return PARSERS[self.kind](name, text)

    def __str__(self) -> str:
        text = f"list of {self.of}" if self.kind == "list" else self.kind
        if self.record is not None:
            text = self.record.__name__
        return f"{text} or null" if self.nullable else text


def parseInteger(name: str, text: str) -> int:
    """A whole number of at most 64 bits."""
    try:
        value = int(text)
    except ValueError:
        raise BadQuery(f"{name}={text!r}: a whole number is expected", parameter=name) from None
    if abs(value) > LARGEST:
        raise BadQuery(f"{name}: the number has more than 64 bits", parameter=name)
    return value


def parseBoolean(name: str, text: str) -> int:
    """1 or 0: booleans are SMALLINT columns."""
    word = text.lower()
    if word in TRUE or word in FALSE:
        return int(word in TRUE)
    raise BadQuery(f"{name}={text!r}: true or false is expected", parameter=name)


def parseText(name: str, text: str) -> str:
    """Any text that a database here can hold: without NUL, and without halves of characters, which JSON can say."""
    if not isText(text):
        raise BadQuery(f"{name}: a text may hold neither the character NUL nor half a character", parameter=name)
    return text


def isText(text: str) -> bool:
    """Whether a text is one in UTF-8, without NUL."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


PARSERS = {
    "integer": parseInteger,
    "datetime": parseInteger,
    "string": parseText,
    "identifier": parseText,
    "boolean": parseBoolean,
}
KINDS: dict[Any, str] = {
    int: "integer",
    str: "string",
    bool: "boolean",
    bytes: "binary",
    Time: "datetime",
    Identifier: "identifier",
}


def fromAnnotation(annotation: Any, isRecord: type) -> FieldType:
    """Read a resolved annotation; ``isRecord`` is the base class of resource types. Raises
    :class:`~buildbot.errors.DefinitionError` for one that has no meaning here."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        rest = [argument for argument in arguments if argument is not type(None)]
        if len(rest) != 1 or len(rest) == len(arguments):
            raise DefinitionError(f"{annotation}: of alternatives only '… | None' has a meaning")
        return attrs.evolve(fromAnnotation(rest[0], isRecord), nullable=True)
    if annotation in KINDS:
        return FieldType(KINDS[annotation])
    if isinstance(annotation, type) and issubclass(annotation, isRecord):
        return FieldType("record", record=annotation)
    if typing.is_typeddict(annotation):
        return FieldType("object", keys=annotation)
    if origin is Sequence and len(arguments) == 1:
        return FieldType("list", of=fromAnnotation(arguments[0], isRecord))
    if origin is Mapping:
        return FieldType("object")
    raise DefinitionError(f"{annotation}: not a type that a field can have; see buildbot.status.fieldtypes")
