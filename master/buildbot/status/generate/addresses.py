"""Paths as OpenAPI has them: patterns that differ only in what a variable is compared with are one address there.

``builders/n:builderid`` and ``builders/s:buildername=name`` are both ``/builders/{builderid_or_buildername}``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs

from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.generate.schemas import sentence
from buildbot.status.openapi import Parameter, Schema
from buildbot.status.paths import Hop, Pattern, Variable, parseVariable


@attrs.frozen
class Address:
    """One path of the document, with all patterns that it stands for; they differ in nothing but their variables."""

    path: str
    name: str
    """Unique, and fit to be a function's name."""
    patterns: Sequence[str]
    pattern: Pattern
    parameters: Sequence[Parameter]

    @property
    def resource(self) -> type[Resource]:
        """The type of the records that answer it."""
        return self.pattern.resource

    @property
    def summary(self) -> str:
        """What it gives, in a few words."""
        if self.pattern.endpoint is not None:
            return re.split(r"[.:;]", self.description)[0].replace("``", "")
        last = self.pattern.hops[-1]
        if last.variable is not None:
            return f"One {_spaced(last.target.Name)}{_of(self.pattern.hops[:-1])}"
        if last.relation is None:
            return f"All {_spaced(last.target.Plural)}"
        return f"The {_spaced(last.relation.word)}{_of(self.pattern.hops[:-1])}"

    @property
    def description(self) -> str:
        """What is to be said beyond that."""
        if self.pattern.endpoint is not None:
            return sentence(self.pattern.endpoint.doc)
        relation = self.pattern.hops[-1].relation
        return sentence(relation.doc) if relation is not None else ""


def _of(hops: Sequence[Hop]) -> str:
    return f" of {_withArticle(hops[-1].target.Name)}" if hops else ""


def _withArticle(name: str) -> str:
    return f"{'an' if name[0] in 'aeio' else 'a'} {_spaced(name)}"


def _spaced(word: str) -> str:
    return word.strip("_").replace("_", " ")


def addresses(catalogue: Catalogue) -> list[Address]:
    """All of them, sorted by path."""
    groups: dict[str, list[Pattern]] = {}
    for pattern in catalogue.patterns.values():
        shape = "/".join("{}" if parseVariable(element) else element for element in pattern.text.split("/"))
        groups.setdefault(shape, []).append(pattern)
    made = sorted((_address(patterns) for patterns in groups.values()), key=lambda address: address.path)
    names = [address.name for address in made]
    assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
    return made


def _address(patterns: Sequence[Pattern]) -> Address:
    path, parameters = [], []
    for alternatives in zip(*(pattern.text.split("/") for pattern in patterns), strict=True):
        variables = {element: variable for element in alternatives if (variable := parseVariable(element))}
        if not variables:
            path.append(alternatives[0])
            continue
        parameters.append(_parameter(list(variables.values())))
        path.append(f"{{{parameters[-1].name}}}")
    first = patterns[0]
    return Address("/" + "/".join(path), _name(first), [pattern.text for pattern in patterns], first, parameters)


def _parameter(variables: Sequence[Variable]) -> Parameter:
    name = "_or_".join(variable.name for variable in variables)
    forms = [f"the {variable.name}, {'a number' if variable.form == 'n' else 'a text'}" for variable in variables]
    number = all(variable.form == "n" for variable in variables)
    return Parameter(
        name=name,
        in_="path",
        required=True,
        description=f"{' or '.join(forms)}.".capitalize(),
        schema=Schema(type="integer", format="int64") if number else Schema(type="string"),
    )


def _name(pattern: Pattern) -> str:
    """``getBuilderBuilds`` for ``builders/…/builds``."""
    words, elements = [], pattern.text.split("/")
    targets = {hop.target.Plural: hop.target.Name for hop in pattern.hops}
    for index, element in enumerate(elements):
        if parseVariable(element):
            continue
        below = index + 1 < len(elements) and parseVariable(elements[index + 1]) is not None
        words.append(targets.get(element, f"{element}_one") if below else element)
    return "get" + "".join(_capital(word) for word in words) if words != [""] else "getRoot"


def _capital(word: str) -> str:
    return "".join(part.capitalize() for part in word.replace(".", "_").split("_"))
