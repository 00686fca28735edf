"""The reference: a page for each resource type, one with all paths, and one with all errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from buildbot import errors
from buildbot.status import standing
from buildbot.status.actions import Action
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Field, Relation, Resource
from buildbot.status.encode import pretty
from buildbot.status.generate import examples
from buildbot.status.generate.addresses import Address, addresses
from buildbot.status.generate.parameters import operators
from buildbot.status.generate.rst import code, literal, page, table, title
from buildbot.status.generate.schemas import describe, sentence, warning
from buildbot.status.stability import PROVISIONAL, Standing


def referencePages(catalogue: Catalogue) -> Mapping[str, str]:
    """Texts by file, relative to the folder of the reference."""
    found = addresses(catalogue)
    types = sorted(catalogue.types.values(), key=lambda cls: cls.Name.strip("_"))
    made = {f"resources/{_file(cls)}.rst": resourcePage(cls, found) for cls in types}
    return {**made, "paths.rst": pathsPage(found), "errors.rst": errorsPage()}


def _file(cls: type[Resource]) -> str:
    return cls.Name.strip("_")


def _link(cls: type[Resource]) -> str:
    return f":doc:`{_file(cls)}`"


def resourcePage(cls: type[Resource], found: Sequence[Address]) -> str:
    """All about one type."""
    own = [address for address in found if address.resource is cls]
    return page(
        title(cls.Name.strip("_")),
        f"{sentence(cls.__doc__ or '')} The key in answers is {literal(cls.Plural)}; {_firm(standing.ofType(cls))}.\n",
        *_fields(cls),
        *_relations(cls),
        *_getters(cls),
        *_paths(own),
        *_words("Topics", cls.Topics, cls),
        *_actions(cls),
        *_example(cls, own),
    )


def _firm(standing_: Standing) -> str:
    return f"{standing_.stability} since {standing_.since}"


def _fields(cls: type[Resource]) -> Sequence[str]:
    if not cls.Fields:
        return [title("Fields", "-"), "An object with keys of its own.\n"]
    rows = [
        (literal(field.name), _type(field), _filters(field), _note(describe(field), standing.ofPart(field, cls)))
        for field in cls.Fields.values()
    ]
    return [title("Fields", "-"), table(("Field", "Type", "Filters", "Meaning"), rows, (20, 20, 20, 40))]


def _type(field: Field) -> str:
    type_, text = field.type, str(field.type)
    record = type_.of.record if type_.of is not None else type_.record
    if record is not None:
        text = text.replace(record.__name__, _link(record))
    return text


def _filters(field: Field) -> str:
    if not field.filterable:
        return "none"
    found = operators(field.type)
    return " ".join(found)


def _note(text: str, standing_: Standing) -> str:
    return " ".join(
        part
        for part in (text, "*Provisional.*" if standing_.stability == PROVISIONAL else "", warning(standing_))
        if part
    )


def _relations(cls: type[Resource]) -> Sequence[str]:
    if not cls.Relations:
        return []
    rows = [
        (literal(word), literal(f"{relation.name}()"), _target(relation), _note(sentence(relation.doc), firm))
        for word, relation in cls.Relations.items()
        for firm in [standing.ofPart(relation, cls)]
    ]
    text = f"For ``expand=``, below each address of one {cls.Name.strip('_')}, and as typed getters.\n"
    return [title("Relations", "-"), text, table(("Word", "Getter", "To", "Meaning"), rows, (20, 25, 15, 40))]


def _getters(cls: type[Resource]) -> Sequence[str]:
    if not cls.Getters:
        return []
    rows = [
        (literal(f"{name}()"), sentence(getter.doc), f":func:`~buildbot.status.getting.{getter.run.replace(':', '.')}`")
        for name, getter in cls.Getters.items()
    ]
    return [title("More getters", "-"), table(("Getter", "Meaning", "In full"), rows, (25, 40, 35))]


def _target(relation: Relation[Any]) -> str:
    return f"{'many' if relation.many else 'one'} {_link(relation.target)}"


def _paths(own: Sequence[Address]) -> Sequence[str]:
    if not own:
        return []
    rows = [(literal(address.path), "one" if address.pattern.single else "list", _meaning(address)) for address in own]
    return [title("Paths", "-"), table(("Path", "Gives", "Meaning"), rows, (55, 10, 35))]


def _meaning(address: Address) -> str:
    custom = address.pattern.endpoint is not None
    text = address.description if custom else f"{address.summary}. {address.description}"
    return _note(text.strip(), standing.ofPattern(address.pattern))


def _words(heading: str, words: str, cls: type[Resource]) -> Sequence[str]:
    if not words:
        return []
    said = [_note(literal(word), standing.ofWord(word, cls)) for word in words.split()]
    return [title(heading, "-"), ", ".join(said) + "\n"]


def _actions(cls: type[Resource]) -> Sequence[str]:
    if not any(action.doc for action in cls.Actions.values()):
        return _words("Actions", " ".join(cls.Actions), cls)
    rows = [
        (literal(word), _note(action.doc, standing.ofWord(word, cls)), _arguments(action))
        for word, action in cls.Actions.items()
    ]
    return [title("Actions", "-"), table(("Action", "Does", "Arguments"), rows, (15, 45, 40))]


def _arguments(action: Action) -> str:
    said = [f"{literal(name)} ({one.type}): {one.doc}" for name, one in (action.arguments or {}).items()]
    return " ".join(said) or "none"


def _example(cls: type[Resource], own: Sequence[Address]) -> Sequence[str]:
    simple = [address for address in own if address.pattern.endpoint is None] or own
    if not simple or not cls.Fields:
        return []
    path = examples.path(min(simple, key=lambda address: (len(address.pattern.hops), not address.pattern.single)))
    answer = {cls.Plural: [examples.record(cls)], "meta": {}}
    return [
        title("Example", "-"),
        code("console", f"$ curl {examples.BASE}{path}"),
        "The shape of the answer:\n",
        code("json", pretty(answer)),
    ]


def pathsPage(found: Sequence[Address]) -> str:
    """Every path there is."""
    rows = [
        (
            literal(address.path),
            ("one " if address.pattern.single else "list of ") + f":doc:`resources/{_file(address.resource)}`",
            _firm(standing.ofPattern(address.pattern)),
        )
        for address in found
    ]
    text = (
        "Below ``/api/v2``, and the same over every language, without the slash in front. Braces hold variables; "
        "``{builderid_or_buildername}`` takes either. A number wins over a name. ``-1`` is the highest: "
        "``builders/linux/builds/-1`` is the latest build.\n"
    )
    return page(title("Paths"), text, table(("Path", "Gives", "Promised"), rows, (60, 25, 15)))


def errorsPage() -> str:
    """Every error."""
    text = (
        "Every error that a caller may meet, over each language the same: its stable code, its HTTP status, and what "
        "it means.\n"
    )
    rows = [
        (
            f":ref:`{error.code} <error-{error.code}>`",
            str(error.status),
            literal(error.__name__),
            error.title,
        )
        for error in errors.allErrors()
    ]
    parts = [title("Errors"), text, table(("Code", "HTTP status", "Class", "Title"), rows, (30, 15, 25, 30))]
    for error in errors.allErrors():
        parts += [
            f".. _error-{error.code}:\n",
            title(error.code, "-"),
            f"*{error.title}.* HTTP status {error.status}; ``buildbot.errors.{error.__name__}`` in Python.\n",
            f"{sentence(error.__doc__ or '')}\n",
        ]
    return page(*parts)
