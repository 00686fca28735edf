"""Path patterns: parsed from definitions into hops, found again by walking a path's elements through a trie.

A pattern is a walk along relations: each hop goes from the thing so far (or from nothing: the root) along a relation to
another type, and perhaps picks one by a variable. ``builders/s:buildername=name/builds`` is two hops: *builders* with a
variable, then Builder's relation *builds* without one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import attrs

from buildbot.errors import DefinitionError, NotFound
from buildbot.status.definition import Endpoint, Relation, Resource
from buildbot.status.fieldtypes import LARGEST, isText

_VARIABLE = re.compile(r"^([nis]):([a-z_0-9]+)(?:=([a-z_]+))?$")
_NUMBER = re.compile(r"^[+-]?[0-9]+$")
MOST_DIGITS = 1_000
"""Python itself refuses to read much longer numbers."""


@attrs.frozen
class Variable:
    """``s:buildername=name``: takes any text, is called buildername, and is compared with the field name."""

    form: str
    name: str
    field: str

    def accepts(self, text: str) -> bool:
        """Whether an element of a path has this form."""
        return bool(text) if self.form != "n" else _NUMBER.match(text) is not None

    def value(self, text: str) -> Any:
        """What is compared with the field. A number that no id can have is simply not found."""
        if self.form == "n":
            number = int(text) if len(text) < MOST_DIGITS else LARGEST + 1
            if abs(number) > LARGEST:
                raise NotFound(f"{self.name} {text}: no id has more than 64 bits")
            return number
        if not isText(text):
            raise NotFound(f"{self.name}: no name holds the character NUL, or half a character")
        return text


@attrs.frozen
class Hop:
    """One step of a walk: along ``relation`` (None: from the root) to ``target``, perhaps to one of them."""

    target: type[Resource]
    relation: Relation[Any] | None = None
    variable: Variable | None = None


@attrs.frozen(eq=False)
class Pattern:
    """A kind of path: what it looks like, the walk it means, and the endpoint that answers, if it is a custom one."""

    text: str
    hops: tuple[Hop, ...]
    endpoint: Endpoint | None = None
    resource: type[Resource] = attrs.field(kw_only=True)
    """The type of the records that it answers with."""
    extra: tuple[Variable, ...] = ()
    """Variables of a custom endpoint's own part."""

    @property
    def single(self) -> bool:
        """Addresses one thing, so that its absence is an error."""
        if self.endpoint is not None:
            return not self.endpoint.many
        last = self.hops[-1]
        return last.variable is not None or (last.relation is not None and not last.relation.many)

    @property
    def order(self) -> str | None:
        """The default order of the relation that it ends with."""
        relation = self.hops[-1].relation
        return relation.order if relation is not None and self.endpoint is None else None

    @property
    def variables(self) -> tuple[Variable, ...]:
        """In the order in which they stand in the path."""
        return tuple(hop.variable for hop in self.hops if hop.variable is not None) + self.extra


@attrs.frozen
class Found:
    """A path that some pattern takes: with the values of its variables, in order."""

    pattern: Pattern
    values: tuple[Any, ...]

    @property
    def latest(self) -> frozenset[int]:
        """The hops whose variable is -1, which means the highest number that there is."""
        if -1 not in self.values:
            return frozenset()
        numbered = [index for index, hop in enumerate(self.pattern.hops) if hop.variable is not None]
        return frozenset(index for index, value in zip(numbered, self.values, strict=False) if value == -1)


@attrs.define
class _Node:
    words: dict[str, _Node] = attrs.field(factory=dict)
    variables: list[tuple[Variable, _Node]] = attrs.field(factory=list)
    pattern: Pattern | None = None

    def below(self, element: str) -> _Node:
        """The node that a pattern's element leads to, made if it is new; numbers stand before texts."""
        variable = parseVariable(element)
        if variable is None:
            return self.words.setdefault(element, _Node())
        for known, node in self.variables:
            if (known.form == "n") == (variable.form == "n"):
                return node
        node = _Node()
        self.variables.append((variable, node))
        self.variables.sort(key=lambda entry: entry[0].form != "n")
        return node


def parseVariable(element: str) -> Variable | None:
    """The variable that a pattern's element is, or None for a word."""
    match = _VARIABLE.match(element)
    return Variable(match[1], match[2], match[3] or match[2]) if match else None


def split(path: str) -> list[str]:
    """A path's elements: split first, decoded after, so that ``a%2Fb`` is one element. Raises NotFound."""
    try:
        return [unquote(element, errors="strict") for element in path.split("/")] if path else []
    except UnicodeDecodeError:
        raise NotFound(f"Invalid path: {path}: the percent-encoded bytes are not UTF-8") from None


class Trie:
    """All patterns, by their elements."""

    def __init__(self) -> None:
        self._root = _Node()
        self.patterns: dict[str, Pattern] = {}
        self._owners: dict[str, str] = {}

    def add(self, pattern: Pattern, owner: str) -> None:
        """Patterns that take the same paths are an error, unless they are literally the same walk. ``owner`` names the
        type that states it, for that error."""
        node = self._root
        for element in pattern.text.split("/") if pattern.text else []:
            node = node.below(element)
        if node.pattern is not None and (node.pattern.text, node.pattern.hops) != (pattern.text, pattern.hops):
            raise DefinitionError(
                f"{pattern.text} of {owner} and {node.pattern.text} of {self._owners[node.pattern.text]}"
                " take the same paths"
            )
        if node.pattern is None:
            self._owners[pattern.text] = owner
            node.pattern = pattern
            self.patterns[pattern.text] = pattern

    def find(self, path: str) -> Found:
        """The pattern that takes this path; NotFound says at which element none goes on, and what would."""
        elements, values, node = split(path), [], self._root
        for index, element in enumerate(elements):
            if element in node.words:
                node = node.words[element]
                continue
            for variable, below in node.variables:
                if variable.accepts(element):
                    values.append(variable.value(element))
                    node = below
                    break
            else:
                raise NotFound(_hint(path, elements[:index], element, node))
        if node.pattern is None:
            raise NotFound(_hint(path, elements, None, node))
        return Found(node.pattern, tuple(values))


def _hint(path: str, before: Sequence[str], element: str | None, node: _Node) -> str:
    expected = sorted(node.words) + [f"{variable.name} ({KINDS[variable.form]})" for variable, _ in node.variables]
    where = f"after {'/'.join(before)}" if before else "at the start"
    what = "it ends too early" if element is None else f"{element!r} is not known {where}"
    return f"Invalid path: {path}: {what}; possible: {', '.join(expected) or 'nothing'}"


KINDS = {"n": "a number", "s": "a text", "i": "a text"}


class Parser:
    """Turns the texts of definitions into patterns."""

    def __init__(self, types: Mapping[str, type[Resource]]) -> None:
        self._types = types
        self._lists = {cls.Plural if cls.List is None else cls.List: cls for cls in types.values()}
        self._byName = {cls.Name: cls for cls in types.values()}

    def addresses(self, cls: type[Resource]) -> list[str]:
        """Every address of one thing of a type, with names of types and alternatives written out."""
        return self.expand(cls.At, cls)

    def expand(self, text: str, cls: type[Resource]) -> list[str]:
        """``{build}`` and ``{n:a,s:b}`` written out; ``cls`` is named in errors."""
        return [pattern for word in text.split() for pattern in self._expandOne(word, cls)]

    def _expandOne(self, text: str, cls: type[Resource]) -> Iterator[str]:
        match = re.search(r"\{([^}]*)\}", text)
        if match is None:
            yield text
            return
        inside = match[1]
        if re.fullmatch(r"[a-z_]+", inside):
            if inside not in self._byName:
                raise DefinitionError(f"{cls.__name__}: {text}: there is no type {inside!r}")
            alternatives = self.addresses(self._byName[inside])
        else:
            alternatives = inside.split(",")
        for alternative in alternatives:
            yield from self._expandOne(text[: match.start()] + alternative + text[match.end() :], cls)

    def walk(self, text: str, cls: type[Resource]) -> tuple[tuple[Hop, ...], tuple[str, ...]]:
        """The hops that a pattern means, and the elements after the last that is a relation (an endpoint's own)."""
        if text == "":
            return (Hop(self._lists[""]),), ()
        hops: list[Hop] = []
        elements = text.split("/")
        for element in elements:
            if set(element) & set("{},:=") and parseVariable(element) is None:
                raise DefinitionError(f"{cls.__name__}: {text}: {element!r} is neither a word nor n:…, i:…, s:…")
        index = 0
        while index < len(elements):
            hop = self._hop(hops, elements[index], text, cls)
            if hop is None:
                break
            variable = parseVariable(elements[index + 1]) if index + 1 < len(elements) else None
            if variable is not None:
                _checkVariable(variable, hop.target, f"{cls.__name__}: {text}")
            hops.append(attrs.evolve(hop, variable=variable))
            index += 2 if variable is not None else 1
        return tuple(hops), tuple(elements[index:])

    def _hop(self, hops: Sequence[Hop], word: str, text: str, cls: type[Resource]) -> Hop | None:
        if not hops:
            if word not in self._lists:
                raise DefinitionError(f"{cls.__name__}: {text}: there is no type with the plural {word!r}")
            return Hop(self._lists[word])
        last = hops[-1]
        relation = last.target.Ways.get(word)
        if relation is None:
            return None
        if last.variable is None and (last.relation is None or last.relation.many):
            raise DefinitionError(f"{cls.__name__}: {text}: {word!r} stands below a list")
        return Hop(relation.target, relation)


def _checkVariable(variable: Variable, target: type[Resource], where: str) -> None:
    field = target.Fields.get(variable.field)
    if field is None:
        raise DefinitionError(f"{where}: {target.__name__} has no field {variable.field!r}")
    if not field.isValue or (field.type.kind in ("integer", "datetime")) != (variable.form == "n"):
        raise DefinitionError(f"{where}: {variable.form}: does not fit {target.__name__}.{field.name}, a {field.type}")
