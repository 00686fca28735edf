"""Actions: what may be done to a thing, and with which arguments, as its definition says.

::

    Actions = {
        "seek": action("Go on at another place.", cursor=argument(str | None, "That of an answer or event.")),
        "pause": action("Tell it nothing until it is resumed."),
    }

An argument is a JSON value: a text, a number, or true or false; one whose type has ``| None`` may be left out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import attrs

from buildbot.errors import BadQuery
from buildbot.status.fieldtypes import LARGEST, FieldType, fromAnnotation, isText

Actor = Callable[[Any, str, Mapping[str, Any]], Awaitable[Any]]
"""``actor(record, action, arguments)`` does it: ``arguments`` has a value for each that is declared, None for those
that were left out. Its result is a JSON value. Raises a :class:`~buildbot.errors.StatusError`."""

_KINDS: Mapping[str, tuple[type, str]] = {
    "integer": (int, "a whole number"),
    "datetime": (int, "a time, in whole seconds since 1970 (UTC)"),
    "string": (str, "a text"),
    "boolean": (bool, "true or false"),
}


class _NoRecord:
    """Arguments are no records."""


@attrs.frozen
class Argument:
    """One argument of an action."""

    type: FieldType
    doc: str

    def check(self, what: str, value: Any) -> None:
        """Raises BadQuery for a value of another type."""
        kind, words = _KINDS[self.type.kind]
        right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if not right or (kind is int and abs(value) > LARGEST) or (kind is str and not isText(value)):
            raise BadQuery(f"{what}: {words} is expected", parameter=what.rpartition(" ")[2])


@attrs.frozen
class Action:
    """One action."""

    doc: str
    arguments: Mapping[str, Argument] | None
    """By name; None for one of Buildbot's that nothing here can do yet."""

    def parse(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The arguments, None for those that were left out. Raises BadQuery, which says what would be right."""
        declared = self.arguments or {}
        for argument in given:
            if argument not in declared:
                possible = f"it takes {', '.join(declared)}" if declared else "it takes none"
                raise BadQuery(f"{name}: there is no argument {argument!r}; {possible}", parameter=argument)
        for argument, one in declared.items():
            value = given.get(argument)
            if value is not None:
                one.check(f"{name}: {argument}", value)
            elif not one.type.nullable:
                raise BadQuery(
                    f"{name}: {argument} is missing; {_KINDS[one.type.kind][1]} is expected", parameter=argument
                )
        return {argument: given.get(argument) for argument in declared}


def action(doc: str, **arguments: Argument) -> Action:
    """An action; ``doc``: what it does, and what its result is, if it has one."""
    return Action(doc, arguments)


def argument(annotation: Any, doc: str) -> Argument:
    """An argument; ``annotation`` is ``int``, ``str``, ``bool`` or :data:`~buildbot.status.fieldtypes.Time`, with
    ``| None`` for one that may be left out."""
    return Argument(fromAnnotation(annotation, _NoRecord), doc)


def named(words: str) -> Mapping[str, Action]:
    """Actions of Buildbot's, by their names."""
    return {word: Action("", None) for word in words.split()}
