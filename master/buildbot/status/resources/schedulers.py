from __future__ import annotations

from typing import TYPE_CHECKING

from buildbot.status.actions import named
from buildbot.status.definition import SQL, Many, Resource, embedded, field, key, many

if TYPE_CHECKING:
    from buildbot.status.resources.buildsets import Buildset
    from buildbot.status.resources.changes import Change
    from buildbot.status.resources.masters import Master


def pending(v: SQL, t: SQL, q: SQL) -> SQL:
    """Buildsets of scheduler ``v`` that are not complete; who made one, a property says."""
    said, schedulers = q.buildset_properties, q.schedulers
    name = q.one(schedulers.name, schedulers, schedulers.id == v)
    return (t.complete == 0) & q.exists(
        said,
        said.buildsetid == t.id,
        said.property_name == "scheduler",
        q.jsonElementText(said.property_value, 0) == name,
    )


class Scheduler(Resource):
    """What decides when to build; one master at a time runs it."""

    Plural = Table = "schedulers"
    At = "schedulers/n:schedulerid"
    Also = "masters/n:masterid/schedulers/n:schedulerid"
    Topics = Level = "updated"
    Actions = named("enable")

    schedulerid: int = key("id")
    name: str = field(hashed=True)
    enabled: bool = field()
    master: Master | None = embedded(via="scheduler_masters.schedulerid.masterid", doc="The one that runs it.")

    getPendingBuildsets: Many[Buildset] = many(
        match=pending, doc="Those that it asked for, and that are not complete.", stability="provisional"
    )
    getPendingChanges: Many[Change] = many(
        via="scheduler_changes.schedulerid.changeid",
        doc="Those that wait for its timer, or for its next run.",
        stability="provisional",
    )
