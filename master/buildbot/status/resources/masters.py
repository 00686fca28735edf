from __future__ import annotations

from typing import TYPE_CHECKING

from buildbot.status.definition import Many, Resource, field, key, many
from buildbot.status.fieldtypes import Time

if TYPE_CHECKING:
    from buildbot.status.resources.builders import Builder
    from buildbot.status.resources.changesources import ChangeSource
    from buildbot.status.resources.schedulers import Scheduler
    from buildbot.status.resources.workers import Worker


class Master(Resource):
    """A process that runs builds. Several may share a database."""

    Plural = Table = "masters"
    At = "masters/n:masterid"
    Also = "builders/n:builderid/masters/n:masterid"
    Topics = "started stopped"
    Level = "started:+active stopped:-active"
    Page = "masters/{masterid}"

    masterid: int = key("id")
    name: str = field(doc="Host name and base directory, joined by a colon.", hashed=True)
    active: bool = field(doc="Whether it runs; cleared 10 minutes after its last sign of life at the latest.")
    last_active: Time = field(doc="Its last sign of life; renewed once a minute.", beats=True)

    getBuilders: Many[Builder] = many(via="builder_masters.masterid.builderid", doc="Those that it runs now.")
    getWorkers: Many[Worker] = many(
        via="builder_masters.masterid.id configured_workers.buildermasterid.workerid",
        doc="Those that may build for one of its builders.",
    )
    getSchedulers: Many[Scheduler] = many(via="scheduler_masters.masterid.schedulerid", doc="Those that it runs now.")
    getChangesources: Many[ChangeSource] = many(
        via="changesource_masters.masterid.changesourceid", doc="Those that it runs now."
    )
