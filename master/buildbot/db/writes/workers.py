"""Workers: which there are, what they are connected to, and what they were told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select

from buildbot.db import schema
from buildbot.db.writes.find import found
from buildbot.db.writes.transaction import Transaction, insertInto, updateBy

_connected, _configured, _links = schema.connected_workers, schema.configured_workers, schema.builder_masters
_INFO = updateBy("id", schema.workers, "info")
_STATE = updateBy("id", schema.workers, "paused", "pause_reason", "graceful")
_DISCONNECT = delete(_connected).where(
    _connected.c.workerid == bindparam("workerid"), _connected.c.masterid == bindparam("masterid")
)
_LINKS = select(_links.c.builderid, _links.c.id).where(_links.c.masterid == bindparam("masterid"))
_OF_MASTER = (
    select(_configured.c.workerid, _configured.c.buildermasterid)
    .join(_links, _links.c.id == _configured.c.buildermasterid)
    .where(_links.c.masterid == bindparam("masterid"))
)
_CONFIGURE = insertInto(_configured, "buildermasterid", "workerid")
_REMOVE = delete(_configured).where(
    _configured.c.buildermasterid == bindparam("link"), _configured.c.workerid == bindparam("worker")
)


def find(tx: Transaction, now: int, name: str) -> int:
    """The id of a worker with that name, which is made if there is none."""
    workerid, isNew = found(tx, schema.workers, {"name": name}, {"info": "{}"})
    if isNew:
        tx.announce("workers", workerid, "state_updated")
    return workerid


def configure(tx: Transaction, now: int, masterid: int, builders: Mapping[int, Sequence[int]]) -> None:
    """For which builders workers may build on a master: ids of builders, which the master runs, by worker id. Workers
    that are not named may build for none."""
    links: dict[int, int] = dict(tx.execute(_LINKS, {"masterid": masterid}))
    present = {(workerid, link) for workerid, link in tx.execute(_OF_MASTER, {"masterid": masterid})}
    wanted = {(workerid, links[each]) for workerid, its in builders.items() for each in its if each in links}
    for workerid in sorted({workerid for workerid, _ in present ^ wanted}):
        with tx.changing("workers", workerid, "state_updated"):
            for _, link in sorted(pair for pair in present - wanted if pair[0] == workerid):
                tx.execute(_REMOVE, {"link": link, "worker": workerid})
            for _, link in sorted(pair for pair in wanted - present if pair[0] == workerid):
                tx.execute(_CONFIGURE, {"buildermasterid": link, "workerid": workerid})


def connected(tx: Transaction, now: int, workerid: int, masterid: int, info: Mapping[str, Any]) -> None:
    """It has connected to a master, and said of itself: admin, host, access_uri, version."""
    with tx.changing("workers", workerid, "connected"):
        found(tx, _connected, {"workerid": workerid, "masterid": masterid}, {})
        tx.execute(_INFO, {"the_id": workerid, "info": json.dumps(info)})


def disconnected(tx: Transaction, now: int, workerid: int, masterid: int) -> None:
    """Its connection to a master has ended."""
    with tx.changing("workers", workerid, "disconnected"):
        tx.execute(_DISCONNECT, {"workerid": workerid, "masterid": masterid})


def setState(tx: Transaction, now: int, workerid: int, paused: bool, pause_reason: str | None, graceful: bool) -> None:
    """Whether it starts no new builds, and whether it shuts down once it is idle."""
    with tx.changing("workers", workerid, "state_updated"):
        tx.execute(
            _STATE,
            {
                "the_id": workerid,
                "paused": int(paused),
                "pause_reason": (pause_reason or "no reason") if paused else None,
                "graceful": int(graceful),
            },
        )


def missing(tx: Transaction, now: int, workerid: int, last_connection: str, notify: Sequence[str]) -> None:
    """It has been away for too long; ``notify`` are the addresses of those who want to know."""
    record = tx.record("workers", workerid)
    body = {**record, "last_connection": last_connection, "notify": list(notify)}
    tx.announce("workers", workerid, "missing", body=body, parents={"workerid": workerid})
