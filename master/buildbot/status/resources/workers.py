from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

from buildbot.status.actions import named
from buildbot.status.definition import SQL, Many, Resource, field, key, many, members
from buildbot.status.fieldtypes import Identifier, Json, fromJson

if TYPE_CHECKING:
    from buildbot.status.resources.builders import Builder
    from buildbot.status.resources.builds import Build


class ConnectedTo(TypedDict):
    """A master that a worker is connected to."""

    masterid: int


class ConfiguredOn(TypedDict):
    """A builder that a worker may build for, on the master that says so."""

    masterid: int
    builderid: int


def runningOn(v: SQL, t: SQL, q: SQL) -> SQL:
    """Builds of worker ``v`` that are not complete."""
    return (t.workerid == v) & t.complete_at.is_(None)


class Worker(Resource):
    """What runs the steps of builds, on a machine of its own."""

    Plural = Table = "workers"
    At = "workers/{n:workerid,i:name}"
    Also = """masters/n:masterid/workers/{n:workerid,i:name} builders/n:builderid/workers/{n:workerid,i:name}
              masters/n:masterid/builders/n:builderid/workers
              masters/n:masterid/builders/n:builderid/workers/{n:workerid,i:name}"""
    Topics = "connected disconnected state_updated missing"
    Level = "connected:+connected_to disconnected:-connected_to state_updated"
    Actions = named("stop kill pause unpause")
    Page = "workers/{workerid}"

    workerid: int = key("id")
    name: Identifier = field()
    connected_to: Sequence[ConnectedTo] = members(
        lambda t, q: (
            q.select(masterid=q.connected_workers.masterid)
            .where(q.connected_workers.workerid == t.id)
            .order_by(q.connected_workers.id)
        ),
        doc="Empty: it is not connected. A master that died may still be listed, until its next start.",
    )
    configured_on: Sequence[ConfiguredOn] = members(
        lambda t, q: (
            q.select(builderid=q.builder_masters.builderid, masterid=q.builder_masters.masterid)
            .where(q.configured_workers.workerid == t.id, q.builder_masters.id == q.configured_workers.buildermasterid)
            .order_by(q.configured_workers.id)
        ),
        doc="Every builder it may build for, under whatever path one asks.",
    )
    workerinfo: Json = field("info", decode=fromJson, doc="What it said of itself: admin, host, access_uri, version.")
    paused: bool = field(doc="Starts no new builds.")
    pause_reason: str | None = field()
    graceful: bool = field(doc="Shuts down once it is idle.")

    getBuilds: Many[Build] = many("workerid")
    getRunningBuilds: Many[Build] = many(match=runningOn, doc="Those that it runs now.", stability="provisional")
    getBuilders: Many[Builder] = many(
        via="configured_workers.workerid.buildermasterid builder_masters.id.builderid", doc="Those it may build for."
    )
