"""Typed getters and protocols, from the catalogue: what type checkers and editors know of a status connection."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterator, Sequence

from buildbot.status.addresses import Address, Addresses
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Iterating, Resource
from buildbot.status.fieldtypes import FieldType
from buildbot.status.level import Level

GETTERS = "master/buildbot/status/getters.py"
PROTOCOLS = "master/buildbot/status/protocols.py"
WIDTH = 120
HEAD = "# Generated from the definitions by `make generate`; not to be edited.\n"
_PYTHON = {
    "integer": "int",
    "string": "str",
    "boolean": "bool",
    "binary": "bytes",
    "datetime": "Time",
    "identifier": "Identifier",
    "object": "Mapping[str, Any]",
}


def interfaces(catalogue: Catalogue) -> dict[str, str]:
    """The generated modules: path from the project's root, and text."""
    return {GETTERS: "".join(_getters(catalogue)), PROTOCOLS: "".join(_protocols(catalogue))}


def _getters(catalogue: Catalogue) -> Iterator[str]:
    addresses = Addresses(catalogue)
    types = sorted(catalogue.types.values(), key=lambda cls: cls.__name__)
    body = "".join(text for cls in types for text in [*_one(cls, addresses), *_list(cls, catalogue)])
    yield f'''"""The typed getters at the root of every connection: ``await status.getBuilder("linux")``."""
{HEAD}
from __future__ import annotations

from collections.abc import Sequence
from typing import Any{", overload" if "@overload" in body else ""}

from twisted.internet.defer import Deferred

from buildbot.status.objects import StatusObjects
'''
    used: dict[str, list[str]] = {}
    for cls in types:
        if f"[{cls.__name__}]" in body:
            used.setdefault(cls.__module__, []).append(cls.__name__)
    yield from (f"from {module} import {', '.join(names)}\n" for module, names in sorted(used.items()))
    yield '''

class StatusGetters(StatusObjects):
    """Getters of one thing take any of its addresses, and fail with :class:`~buildbot.errors.NotFound` where there is
    none; getters of lists fire with a tuple. All take a query: ``getBuilds(limit=5, complete=True)``."""
'''
    yield body


def _one(cls: type[Resource], addresses: Addresses) -> Iterator[str]:
    ways = list(_ways(addresses.all(cls)))
    if not ways:
        return
    name, result = f"get{cls.__name__}", f"Deferred[{cls.__name__}]"
    if len(ways) == 1:
        yield "\n" + _signature(name, f"{', '.join(ways[0])}, /", result, "")
        names = ", ".join(parameter.partition(":")[0] for parameter in ways[0])
        given = f"({names},)"
    else:
        for way in ways:
            yield "\n    @overload\n" + _signature(name, f"{', '.join(way)}, /", result, " ...")
        yield "\n" + _signature(name, "/, *address: int | str", result, "")
        given = "address"
    yield f"{_doc(cls.__doc__ or cls.Name)}        return self._one({cls.__name__}, {given}, query)\n"


def _signature(name: str, parameters: str, result: str, ending: str) -> str:
    """A method's first line, broken as ruff would break it."""
    line = f"    def {name}(self, {parameters}, **query: Any) -> {result}:{ending}\n"
    if len(line) <= WIDTH + 1:
        return line
    return f"    def {name}(\n        self, {parameters}, **query: Any\n    ) -> {result}:{ending}\n"


def _doc(text: str, indent: str = "        ") -> str:
    """The first paragraph of a text as a docstring."""
    words = " ".join(text.strip().split("\n\n")[0].split()).replace('"', "'")
    lines = textwrap.wrap(words, WIDTH - len(indent) - 3)
    text = f"\n{indent}".join(lines)
    return f'{indent}"""{text}"""\n'


def _ways(addresses: Sequence[Address]) -> Iterator[list[str]]:
    """The parameters that a type's getter takes, once for each number of them; alternatives are merged."""
    byCount: dict[int, list[Address]] = {}
    for address in addresses:
        byCount.setdefault(len(address.variables), []).append(address)
    for _, alike in sorted(byCount.items()):
        yield [_parameter(alike, index) for index in range(len(alike[0].variables))]


def _parameter(alike: Sequence[Address], index: int) -> str:
    names = {address.variables[index].name for address in alike}
    owners = {address.owners[index].Name for address in alike}
    name = names.pop() if len(names) == 1 else "_or_".join(sorted(owners))
    forms = {"int" if address.variables[index].form == "n" else "str" for address in alike}
    return f"{name}: {' | '.join(sorted(forms))}"


def _list(cls: type[Resource], catalogue: Catalogue) -> Iterator[str]:
    path = cls.Plural if cls.List is None else cls.List
    pattern = catalogue.patterns.get(path)
    if pattern is None or pattern.single or pattern.resource is not cls:
        return
    yield f'''
    def get{plural(cls)}(self, **query: Any) -> Deferred[Sequence[{cls.__name__}]]:
{_doc(cls.__doc__ or cls.Name)}        return self._list("{path}", query)
'''


def plural(cls: type[Resource]) -> str:
    """The plural of a type in a getter's name: ``BuildRequests``."""
    word = cls.Plural.replace("_", "")
    ending = word.removeprefix(cls.__name__.lower())
    if ending != word and ending:
        return cls.__name__ + ending
    return "".join(part.capitalize() for part in cls.Plural.split("_"))


def _protocols(catalogue: Catalogue) -> Iterator[str]:
    types = sorted(catalogue.types.values(), key=lambda cls: cls.__name__)
    body = "".join(text for cls in types for text in _protocol(cls, catalogue.types))
    yield f'''"""What a record is to a type checker: protocols that records fulfil, and your own fakes may fulfil."""
{HEAD}
from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from typing import Any, Protocol

from buildbot.status.fieldtypes import Identifier, Time
'''
    for module, names in sorted(_keyed(types).items()):
        yield f"from {module} import {', '.join(sorted(names))}\n"
    yield body


def _keyed(types: Sequence[type[Resource]]) -> dict[str, set[str]]:
    """The ``TypedDict`` classes that fields name, by module."""
    found: dict[str, set[str]] = {}
    for field in (field for cls in types for field in cls.Fields.values()):
        kind: FieldType | None = field.type
        while kind is not None:
            if kind.keys is not None:
                found.setdefault(kind.keys.__module__, set()).add(kind.keys.__name__)
            kind = kind.of
    return found


def _protocol(cls: type[Resource], types: Collection[str]) -> Iterator[str]:
    yield f"\n\nclass IStatus{cls.__name__}(Protocol):\n{_doc(cls.__doc__ or cls.Name, '    ')}"
    for field in cls.Fields.values():
        yield f"\n    @property\n    def {field.name}(self) -> {annotation(field.type)}:"
        yield f"\n{_doc(field.doc)}" if field.doc else " ...\n"
    for relation in cls.Relations.values():
        target = f"IStatus{relation.target.__name__}"
        result = f"Sequence[{target}]" if relation.many else f"{target} | None"
        yield f"\n    def {relation.name}(self, **query: Any) -> Awaitable[{result}]: ...\n"
    for name, getter in cls.Getters.items():
        kind, _, result = cls.__annotations__[name].removesuffix("]").partition("[")
        for other in sorted(types, key=len, reverse=True):
            result = re.sub(rf"\b{other}\b", f"IStatus{other}", result)
        given = "AsyncIterator" if kind == Iterating.__name__ else "Awaitable"
        yield f"\n    def {name}(self, *arguments: Any, **options: Any) -> {given}[{result}]:\n{_doc(getter.doc)}"
    yield f"\n    def refreshed(self, **query: Any) -> Awaitable[IStatus{cls.__name__}]: ...\n" if cls.Key else ""
    if cls.Topics and cls.Key:
        yield '\n    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Awaitable[Any]:'
        yield " ...\n"
    level = Level.of(cls)
    if level is not None and level.end is not None:
        yield f"\n    def waitUntilFinished(self) -> Awaitable[IStatus{cls.__name__}]: ...\n"


def annotation(kind: FieldType) -> str:
    """A field's type as it is written in Python."""
    if kind.kind == "list" and kind.of is not None:
        text = f"Sequence[{annotation(kind.of)}]"
    elif kind.record is not None:
        text = f"IStatus{kind.record.__name__}"
    else:
        text = kind.keys.__name__ if kind.keys is not None else _PYTHON[kind.kind]
    return f"{text} | None" if kind.nullable else text
