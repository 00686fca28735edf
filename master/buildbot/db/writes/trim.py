"""Forgetting the oldest events: by age and by number, in small batches, held back for those who still need them."""

from __future__ import annotations

import attrs
from sqlalchemy import bindparam, delete, func, select

from buildbot.db.own import status_epochs, status_events, status_head
from buildbot.db.writes.transaction import Transaction, updateBy

BATCH = 1000
"""Events that one transaction forgets at most: some milliseconds."""
DAY = 24 * 3600

_HEAD = select(status_head.c.seq, status_head.c.oldest).where(status_head.c.id == 1)
_OLDEST = select(status_events.c.seq, status_events.c.at).order_by(status_events.c.seq).limit(bindparam("batch"))
_DELETE = delete(status_events).where(status_events.c.seq <= bindparam("last"))
_MOVE = updateBy("id", status_head, "oldest")
_later = status_epochs.alias("later")
_EPOCHS = delete(status_epochs).where(
    status_epochs.c.first_seq
    < select(func.max(_later.c.first_seq)).where(_later.c.first_seq < bindparam("oldest")).scalar_subquery()
)


@attrs.frozen
class Keep:
    """What is kept of the log: what is younger than ``age`` and among the newest ``most`` events. What somebody still
    needs is kept beyond that, but never more than ``cap`` events.

    An event takes 270 bytes in a SQLite file, and a build of four steps makes 40: a million are 270 MB, and 25,000
    builds."""

    age: float = 14 * DAY
    """In seconds."""
    most: int = 1_000_000
    cap: int = 2_000_000


def trim(tx: Transaction, now: int, keep: Keep, needed: int | None = None) -> int:
    """Forget at most a batch; how many events that were. ``needed``: the number of the first event that somebody still
    needs. Whoever comes for one that was forgotten is told that it is gone."""
    seq, oldest = tx.execute(_HEAD)[0]
    last = None
    rows = tx.execute(_OLDEST, {"batch": BATCH})
    for number, at in rows:
        isOld = at < now - keep.age or number <= seq - keep.most
        isHeld = needed is not None and number >= needed and number > seq - keep.cap
        if number >= oldest and (not isOld or isHeld):
            break
        last = number
    if last is None:
        return 0
    tx.execute(_DELETE, {"last": last})
    tx.execute(_MOVE, {"the_id": 1, "oldest": max(oldest, last + 1)})
    # Epochs that no cursor of is left: all before the one in which the oldest cursor is.
    tx.execute(_EPOCHS, {"oldest": max(oldest, last + 1)})
    return sum(number <= last for number, _ in rows)
