from __future__ import annotations

from typing import TYPE_CHECKING

from buildbot.status.definition import Resource, embedded, field, key

if TYPE_CHECKING:
    from buildbot.status.resources.masters import Master


class ChangeSource(Resource):
    """What reports changes; one master at a time runs it."""

    Plural, Name = "changesources", "changesource"
    Table = "changesources"
    At = "changesources/n:changesourceid"
    Also = "masters/n:masterid/changesources/n:changesourceid"

    changesourceid: int = key("id")
    name: str = field(hashed=True)
    master: Master | None = embedded(via="changesource_masters.changesourceid.masterid", doc="The one that runs it.")
