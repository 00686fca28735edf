"""What may come next on the command line of ``buildbot get``."""

from __future__ import annotations

from collections.abc import Iterator

from buildbot.errors import NotFound
from buildbot.status.catalogue import Catalogue
from buildbot.status.query import GENERAL, OPERATORS


def paths(incomplete: str) -> list[str]:
    """Paths that begin so: one word further. Names and ids are not known here."""
    *before, last = incomplete.split("/")
    found = set()
    for text in Catalogue().patterns:
        elements = text.split("/")
        if len(elements) <= len(before) or not _fits(before, elements):
            continue
        word = elements[len(before)]
        if ":" not in word and word.startswith(last):
            found.add("/".join([*before, word]))
    return sorted(found)


def _fits(given: list[str], pattern: list[str]) -> bool:
    return all(":" in element or element == word for word, element in zip(given, pattern, strict=False))


def parameters(path: str, incomplete: str) -> list[str]:
    """Parameters that a path takes and that begin so; after ``field=``, ``order=`` and ``expand=``, with a value."""
    try:
        resource = Catalogue().find(path.removeprefix("/")).pattern.resource
    except NotFound:
        return []

    def known() -> Iterator[str]:
        name, mark, _ = incomplete.partition("=")
        if name == "field" and mark:
            yield from (f"field={field}" for field in resource.Fields)
        elif name == "order" and mark:
            yield from (f"order={sign}{field}" for field in resource.Fields for sign in ("", "-"))
        elif name == "expand" and mark:
            yield from (f"expand={relation}" for relation in resource.Relations)
        elif "__" in name:
            field = name.rpartition("__")[0]
            yield from (f"{field}__{operator}=" for operator in OPERATORS)
        else:
            yield from (f"{name}=" for name in GENERAL)
            yield from (f"{field.name}=" for field in resource.Fields.values() if field.filterable)

    return [text for text in known() if text.startswith(incomplete)]
