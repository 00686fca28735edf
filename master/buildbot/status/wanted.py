"""What is followed by whoever names a path of the API: the same call, asked for what is there and for what happens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import attrs

from buildbot.errors import BadQuery
from buildbot.status.answer import Answer
from buildbot.status.catalogue import Catalogue

ROWS_ONLY = ("limit", "order", "min_cursor")
"""Parameters that say which rows come at first, and nothing of events."""
EVENTS_ONLY = ("conflate", "content")
"""Parameters of subscriptions, which say nothing of rows."""
Pairs = Sequence[tuple[str, str]]


@attrs.frozen
class Wanted:
    """What is followed."""

    topic: str | Sequence[str]
    filters: Pairs
    """The parameters of the subscription."""
    rows: Pairs | None
    """Those of a call for what is there; None: a topic is followed, so nothing is."""


async def wantedOf(
    catalogue: Catalogue, get: Callable[[str, Mapping[str, Any]], Awaitable[Answer]], path: str, pairs: Pairs
) -> Wanted:
    """Of a path; ``get`` finds out the key of one thing. Raises NotFound for what is no path, BadQuery for one of which
    nothing is announced, and what ``get`` fails with."""
    found = catalogue.find(path)
    resource = found.pattern.resource
    if found.pattern.endpoint is not None or resource.Key is None:
        raise BadQuery(f"{path}: nothing is announced of what this answers with; it can be asked for, not followed")
    rows = [pair for pair in pairs if pair[0] not in EVENTS_ONLY]
    if not found.pattern.single:
        return Wanted(f"{path}/*/*", [pair for pair in pairs if pair[0] not in ROWS_ONLY], rows)
    key = (await get(path, {"field": resource.Key.name})).one.asDict()[resource.Key.name]
    plural = resource.Plural if resource.List is None else resource.List
    return Wanted(f"{plural}/{key}/*", [pair for pair in pairs if pair[0] != "min_cursor"], rows)
