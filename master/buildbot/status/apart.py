"""Types whose tables are our own, where those are in another database than Buildbot's, or nowhere."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from buildbot.db.connector import Database
from buildbot.errors import BadQuery, NotFound
from buildbot.status.call import Call
from buildbot.status.reading import Reading
from buildbot.status.sql.plan import Page


@attrs.frozen
class Place:
    """Where a call is answered from."""

    database: Database
    reading: Reading


def nothing(call: Call) -> Page:
    """The answer where nobody has such tables. Raises NotFound for one thing."""
    if call.found.pattern.single:
        raise NotFound(f"{call.path}: there is no such {call.resource.Name}: no listeners run here")
    return Page([], total=0)


def one(databases: Iterable[Database], calls: Iterable[Call]) -> Database:
    """The one database of all calls of a batch. Raises BadQuery."""
    found = {id(database): database for database in databases}
    if len(found) > 1:
        own = sorted({call.resource.Plural for call in calls if call.resource.Own})
        raise BadQuery(
            f"{', '.join(own)}: in another database than the rest of this batch, so no one state holds both; ask for "
            "them in a batch of their own"
        )
    return next(iter(found.values()))
