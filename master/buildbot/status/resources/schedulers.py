from __future__ import annotations

from typing import TYPE_CHECKING

from buildbot.status.definition import Resource, embedded, field, key

if TYPE_CHECKING:
    from buildbot.status.resources.masters import Master


class Scheduler(Resource):
    """What decides when to build; one master at a time runs it."""

    Plural = Table = "schedulers"
    At = "schedulers/n:schedulerid"
    Also = "masters/n:masterid/schedulers/n:schedulerid"
    Topics = Level = "updated"
    Actions = "enable"

    schedulerid: int = key("id")
    name: str = field(hashed=True)
    enabled: bool = field()
    master: Master | None = embedded(via="scheduler_masters.schedulerid.masterid", doc="The one that runs it.")
