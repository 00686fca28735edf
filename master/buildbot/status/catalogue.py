"""The catalogue: all definitions, checked against each other at start-up; finds the definition behind a path.

Nothing is compiled to SQL here, only named and connected: that happens at first use (:mod:`buildbot.status.sql`).
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import typing
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from buildbot.errors import DefinitionError
from buildbot.status import checks, definition, fieldtypes, paths
from buildbot.status.definition import Endpoint, Field, Relation, Resource
from buildbot.status.paths import Found, Parser, Pattern, Trie

MOST_ENDPOINTS = 10


def discover(package: str = "buildbot.status.resources") -> list[type[Resource]]:
    """Every resource type that a module of ``package`` defines, by the order of the modules' names."""
    found: list[type[Resource]] = []
    parent = importlib.import_module(package)
    for info in pkgutil.iter_modules(parent.__path__):
        module = importlib.import_module(f"{package}.{info.name}")
        found += [
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, Resource) and value.__module__ == module.__name__
        ]
    return found


@attrs.frozen
class SiteNames:
    """What an installation is called, where it is and what serves it: shown to callers, used for nothing else here."""

    title: str = "Buildbot"
    titleURL: str | None = None
    buildbotURL: str | None = None
    stockURL: str | None = None
    version: str | None = None
    database: str | None = None
    lookInterval: int | None = None
    """In milliseconds."""


class Catalogue:
    """All resource types. Raises :class:`~buildbot.errors.DefinitionError`, which names the type and the path, for
    definitions that contradict themselves or each other."""

    def __init__(self, types: Iterable[type[Resource]] | None = None, site: SiteNames | None = None) -> None:
        self.site = site or SiteNames()
        self.types: Mapping[str, type[Resource]] = {
            cls.__name__: cls for cls in (discover() if types is None else types)
        }
        self._checkNames()
        for cls in self.types.values():
            self._resolve(cls)
        for cls in self.types.values():
            checks.check(cls)
        self.parser = Parser(self.types)
        self._trie = Trie()
        for cls in self.types.values():
            self._addPaths(cls)
        for cls in self.types.values():
            self._addEndpoints(cls)
        for cls in self.types.values():
            self._checkStandings(cls)

    @property
    def patterns(self) -> Mapping[str, Pattern]:
        """Every pattern by its text."""
        return self._trie.patterns

    def find(self, path: str) -> Found:
        """The pattern behind a path, with the values of its variables. Raises NotFound, which says what would go on."""
        return self._trie.find(path)

    def _checkNames(self) -> None:
        for attribute in ("Plural", "Name"):
            seen: dict[str, str] = {}
            for cls in self.types.values():
                value = getattr(cls, attribute)
                if not value:
                    raise DefinitionError(f"{cls.__name__} has no {attribute}")
                if value in seen:
                    raise DefinitionError(f"{cls.__name__} and {seen[value]} have the same {attribute}, {value!r}")
                seen[value] = cls.__name__

    def _resolve(self, cls: type[Resource]) -> None:
        """Read the annotations, which name other types that their modules may import only for type checkers."""
        names = {**vars(fieldtypes), **vars(definition), **vars(sys.modules[cls.__module__]), **self.types}
        try:
            hints = typing.get_type_hints(cls, names, dict(self.types))
        except NameError as error:
            unknown = [name for name, text in cls.__annotations__.items() if str(error.name) in str(text)]
            raise DefinitionError(f"{cls.__name__}.{unknown[0] if unknown else '?'}: its type: {error}") from None
        for field in cls.Fields.values():
            self._resolveField(cls, field, hints.get(field.name))
        for relation in cls.Relations.values():
            relation.target = self._target(cls, relation, hints.get(relation.name))
        for name in hints:
            if name.islower() and not name.startswith("_") and name not in {*cls.Fields, *cls.Getters}:
                raise DefinitionError(f"{cls.__name__}.{name} has a type but no field()")

    def _resolveField(self, cls: type[Resource], field: Field, hint: Any) -> None:
        if hint is None:
            raise DefinitionError(f"{cls.__name__}.{field.name} has no type")
        try:
            field.type = fieldtypes.fromAnnotation(hint, Resource)
        except DefinitionError as error:
            raise DefinitionError(f"{cls.__name__}.{field.name}: {error}") from None
        if field.relation is not None:
            target = field.type.of.record if field.type.of is not None else field.type.record
            if target is None:
                raise DefinitionError(f"{cls.__name__}.{field.name} is embedded, so its type must be a resource type")
            kind = definition.Many if field.type.kind == "list" else definition.One
            field.relation = kind(
                own=field.relation.own,
                via=field.relation.via,
                doc=field.doc,
                since=field.since,
                stability=field.stability,
            )
            field.relation.word = field.relation.name = field.name
            field.relation.owner = cls.__name__
            field.relation.target = typing.cast("type[Resource]", target)
            cls.Ways = {**cls.Ways, field.name: field.relation}
        elif field.filterable and (field.decode is not None or not field.type.filterable):
            field.filterable = False

    def _target(self, cls: type[Resource], relation: Relation[Any], hint: Any) -> type[Resource]:
        arguments = typing.get_args(hint)
        if typing.get_origin(hint) is not type(relation) or not arguments:
            raise DefinitionError(f"{cls.__name__}.{relation.name} must be annotated {type(relation).__name__}[…]")
        target = arguments[0]
        if not (isinstance(target, type) and target.__name__ in self.types):
            raise DefinitionError(f"{cls.__name__}.{relation.name}: {target!r} is no resource type")
        return target

    def _addPaths(self, cls: type[Resource]) -> None:
        addresses = self.parser.addresses(cls)
        if cls.List is not None or any(address.startswith(f"{cls.Plural}/") for address in addresses):
            self._add(cls.Plural if cls.List is None else cls.List, cls)
        for address in addresses:
            self._add(address, cls)
            for word in cls.Ways:
                self._add(f"{address}/{word}", cls)
        for text in self.parser.expand(cls.Also, cls):
            self._add(text, cls)

    def _add(self, text: str, cls: type[Resource]) -> None:
        hops, rest = self.parser.walk(text, cls)
        if rest:
            raise DefinitionError(f"{cls.__name__}: {text}: {hops[-1].target.__name__} has no relation {rest[0]!r}")
        self._trie.add(Pattern(text, hops, resource=hops[-1].target), cls.__name__)

    def _addEndpoints(self, cls: type[Resource]) -> None:
        for endpoint in cls.Endpoints:
            for text in self.parser.expand(endpoint.paths, cls):
                hops, rest = self.parser.walk(text, cls)
                extra = tuple(v for v in map(paths.parseVariable, rest) if v is not None)
                self._trie.add(Pattern(text, hops, endpoint, resource=cls, extra=extra), cls.__name__)
        if len(self.endpoints) > MOST_ENDPOINTS:
            raise DefinitionError(f"{cls.__name__}: there are more than {MOST_ENDPOINTS} custom endpoints")

    def _checkStandings(self, cls: type[Resource]) -> None:
        own = {text for text, pattern in self.patterns.items() if pattern.resource is cls}
        unknown = cls.Standings.keys() - own - {*cls.Topics.split(), *cls.Actions}
        if unknown:
            raise DefinitionError(f"{cls.__name__}: Standings names {min(unknown)!r}, no topic, action or path of it")

    @property
    def endpoints(self) -> set[Endpoint]:
        """The custom endpoints."""
        return {endpoint for cls in self.types.values() for endpoint in cls.Endpoints}
