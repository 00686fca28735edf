"""Those who follow the log of events by name: how far they are, and what they have not handled.

The cursor and the rows of what lies before it change in one transaction: so nothing is lost between the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from sqlalchemy import BigInteger, Text, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from buildbot.db.own import status_consumers as consumers
from buildbot.db.own import status_deliveries as deliveries
from buildbot.db.states import PARKED, WAITING
from buildbot.db.writes.transaction import Row, Transaction, updateBy

COLUMNS = tuple(column.name for column in deliveries.columns if column.name not in ("id", "consumerid"))
"""Of a delivery's row, without what ties it to its consumer."""

_NAME = bindparam("the_name", type_=Text)
_ID = bindparam("the_id", type_=BigInteger)

_BEGIN = update(consumers).where(consumers.c.name == _NAME).values(running=1)
_BEGIN = _BEGIN.returning(
    *(consumers.c[name] for name in ("id", "cursor", "paused", "behind_since", "replay_cursor", "replay_until"))
)
_CHECK = select(consumers.c.lag, deliveries.c.is_replay).where(consumers.c.id == deliveries.c.consumerid).limit(1)
_END = update(consumers).values(running=0, lag=None)
_END_ONE = _END.where(consumers.c.name == _NAME)
_WAITING = (
    select(*(deliveries.c[name] for name in COLUMNS))
    .where(deliveries.c.consumerid == _ID, deliveries.c.state == WAITING)
    .order_by(deliveries.c.seq, deliveries.c.method)
)
_PARKED = select(func.count()).where(deliveries.c.consumerid == _ID, deliveries.c.state == PARKED)
_NEW = upsert(consumers).values(
    name=bindparam("name"), cursor=bindparam("cursor"), updated_at=bindparam("updated_at"), running=1
)
_MOVE = _NEW.on_conflict_do_update(
    index_elements=["name"], set_={name: _NEW.excluded[name] for name in ("cursor", "updated_at")}
).returning(consumers.c.id)
_KEEP = upsert(deliveries).values({name: bindparam(name) for name in ("consumerid", *COLUMNS)})
_KEEP = _KEEP.on_conflict_do_update(
    index_elements=["consumerid", "cursor", "method"],
    set_={name: _KEEP.excluded[name] for name in ("state", "attempts", "failed_at", "error", "is_replay")},
)
_DROP = delete(deliveries).where(
    deliveries.c.consumerid == _ID,
    deliveries.c.cursor == bindparam("at_cursor"),
    deliveries.c.method == bindparam("of_method"),
)
_LOOK = updateBy("name", consumers, "lag", "behind_since")
_PAUSE = updateBy("name", consumers, "paused")
_MISSED = update(consumers).where(consumers.c.name == _NAME).values(gaps=consumers.c.gaps + 1)
_MISSED = _MISSED.values({name: bindparam(name) for name in ("missed_at", "missed_since", "missed_until")})
_IDENT = select(consumers.c.id).where(consumers.c.name == _NAME)
_AFTER = delete(deliveries).where(deliveries.c.consumerid == _ID, deliveries.c.seq > bindparam("seq"))
_STOP_REPLAY = update(consumers).where(consumers.c.id == _ID).values(replay_cursor=None, replay_until=None)
_DROP_ALL = delete(deliveries).where(deliveries.c.consumerid == _ID)
_FORGET = delete(consumers).where(consumers.c.id == _ID)
_REPLAY = updateBy("name", consumers, "replay_cursor", "replay_until")
_AGAIN = update(deliveries).where(deliveries.c.id == _ID, deliveries.c.state == PARKED)
_AGAIN = _AGAIN.values(state=WAITING, attempts=0, is_replay=1).returning(*(deliveries.c[name] for name in COLUMNS))
_DROP_ONE = delete(deliveries).where(deliveries.c.id == _ID)


@attrs.frozen
class Loaded:
    """What is stored of a consumer."""

    cursor: str
    paused: bool
    behind_since: int | None
    replay: tuple[str, str] | None
    """How far a replay has come, and its end."""
    waiting: Sequence[Row]
    """Deliveries, as :data:`COLUMNS`, in the order in which they happened."""
    parked: int
    """How many are."""


def check(tx: Transaction) -> None:
    """Fails as the database does where the tables are not as they must be."""
    tx.execute(_CHECK)


def begin(tx: Transaction, name: str) -> Loaded | None:
    """A process runs this consumer from now on; None for one that was never there before."""
    rows = tx.execute(_BEGIN, {"the_name": name})
    if not rows:
        return None
    id, cursor, paused, behind, place, until = rows[0]
    replay = None if place is None or until is None else (place, until)
    waiting = tx.execute(_WAITING, {"the_id": id})
    return Loaded(cursor, bool(paused), behind, replay, waiting, tx.execute(_PARKED, {"the_id": id})[0][0])


def end(tx: Transaction, names: Sequence[str]) -> None:
    """No process runs these any more."""
    tx.executeMany(_END_ONE, [{"the_name": name} for name in names])


def endAll(tx: Transaction) -> None:
    """None is run by any process."""
    tx.execute(_END)


def store(
    tx: Transaction,
    now: int,
    name: str,
    cursor: str,
    keep: Sequence[Mapping[str, Any]],
    drop: Sequence[tuple[str, str]],
) -> None:
    """How far a consumer is; deliveries to keep, in place of older rows of the same, and those to drop, by cursor and
    method."""
    [[id]] = tx.execute(_MOVE, {"name": name, "cursor": cursor, "updated_at": now})
    _keep(tx, id, keep)
    tx.executeMany(_DROP, [{"the_id": id, "at_cursor": at, "of_method": of} for at, of in drop])


def _keep(tx: Transaction, id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    tx.executeMany(_KEEP, [{"consumerid": id, **row} for row in rows])


def look(tx: Transaction, seen: Mapping[str, tuple[int, int | None]]) -> None:
    """How many events consumers are behind now, and since when."""
    tx.executeMany(
        _LOOK, [{"the_name": name, "lag": lag, "behind_since": behind} for name, (lag, behind) in seen.items()]
    )


def missed(tx: Transaction, now: int, name: str, since: str | None, until: str | None) -> None:
    """What lies between two places is not kept any more, and a consumer is not told of it."""
    tx.execute(_MISSED, {"the_name": name, "missed_at": now, "missed_since": since, "missed_until": until})


def setPaused(tx: Transaction, name: str, paused: bool) -> None:
    """Whether a consumer is told nothing for now."""
    tx.execute(_PAUSE, {"the_name": name, "paused": int(paused)})


def seek(tx: Transaction, now: int, name: str, cursor: str, seq: int) -> None:
    """Let everything up to a place, a cursor and its number, be over, but for what waits or is parked, and everything
    after it come, whether or not it was there before. What was being replayed is not any more."""
    store(tx, now, name, cursor, [], [])
    [[id]] = tx.execute(_IDENT, {"the_name": name})
    tx.execute(_AFTER, {"the_id": id, "seq": seq})
    tx.execute(_STOP_REPLAY, {"the_id": id})


def forget(tx: Transaction, name: str) -> None:
    """Forget a consumer, with all its deliveries."""
    for [id] in tx.execute(_IDENT, {"the_name": name}):
        tx.execute(_DROP_ALL, {"the_id": id})
        tx.execute(_FORGET, {"the_id": id})


def replay(tx: Transaction, name: str, place: str | None, until: str | None, keep: Sequence[Mapping[str, Any]]) -> int:
    """A replay has come so far, with these deliveries, parked ones among them; None: it is complete. How many are
    parked now."""
    tx.execute(_REPLAY, {"the_name": name, "replay_cursor": place, "replay_until": until})
    for [id] in tx.execute(_IDENT, {"the_name": name}):
        _keep(tx, id, keep)
        return int(tx.execute(_PARKED, {"the_id": id})[0][0])
    return 0


def again(tx: Transaction, deliveryid: int) -> Row | None:
    """A parked delivery waits again, as one that somebody asked for; its row, as :data:`COLUMNS`. None if it is not
    parked."""
    rows = tx.execute(_AGAIN, {"the_id": deliveryid})
    return rows[0] if rows else None


def drop(tx: Transaction, deliveryid: int) -> None:
    """A delivery is not to be handled any more."""
    tx.execute(_DROP_ONE, {"the_id": deliveryid})
