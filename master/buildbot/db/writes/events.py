"""Writing the log of events: the head, epochs, and the events themselves.

Each transaction that writes locks the head first, as SQLite locks its whole file, and updates it last: so numbers come
in the order of commits, and nobody sees one and later a smaller one that is new.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
from sqlalchemy import Text, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from buildbot.db.own import CHANNEL, PARENTS, status_epochs, status_events, status_head
from buildbot.db.writes.transaction import Transaction, insertInto, updateBy

_FIRST = upsert(status_head).values(id=1, seq=0, oldest=1, fingerprint="").on_conflict_do_nothing()
_LOCK = select(status_head.c.seq, status_head.c.fingerprint).where(status_head.c.id == 1).with_for_update()
_EPOCH = select(status_epochs.c.epoch).order_by(status_epochs.c.first_seq.desc()).limit(1)
_UPDATE = updateBy("id", status_head, "seq", "fingerprint")
_FORGET_OLDER = updateBy("id", status_head, "oldest")
_OPEN = insertInto(status_epochs, "epoch", "first_seq", "started_at")
_FORGET = delete(status_epochs)
_COLUMNS = select(status_events).limit(0)
_NOTIFY = select(func.pg_notify(CHANNEL, bindparam("seq", type_=Text)))
_DESCRIBED = ("type", "key", "event", "body", "changed", "shape", *PARENTS)


@attrs.frozen
class Head:
    """The counter row, as it was locked."""

    seq: int
    fingerprint: str


def lock(tx: Transaction) -> Head | None:
    """The head, which nobody else changes before this transaction ends; None before the first opening."""
    rows = tx.execute(_LOCK)
    return Head(*rows[0]) if rows else None


def openEpoch(tx: Transaction, now: int, fingerprint: Callable[[Transaction], str]) -> None:
    """Begin a new history, which takes a number.

    Older ones go on being known, unless the database is not as the last of our transactions left it: then whoever
    wrote to it announced nothing, so nothing before this moment can be resumed.
    """
    # Before anything is written: fails where the tables are of an older version.
    tx.execute(_COLUMNS)
    tx.execute(_FIRST)
    head = lock(tx)
    assert head is not None
    first, found = head.seq + 1, fingerprint(tx)
    if head.fingerprint not in ("", found):
        tx.execute(_FORGET)
        tx.execute(_FORGET_OLDER, {"the_id": 1, "oldest": first})
    tx.execute(_OPEN, {"epoch": os.urandom(8).hex(), "first_seq": first, "started_at": now})
    _move(tx, first, found)


def append(
    tx: Transaction, head: Head, rows: Sequence[Mapping[str, Any]], now: int, fingerprint: str
) -> tuple[str, int]:
    """Number some events and store them; the newest epoch, and the last number."""
    numbered = [(seq, now, *map(row.get, _DESCRIBED)) for seq, row in enumerate(rows, head.seq + 1)]
    tx.append(status_events, ("seq", "at", *_DESCRIBED), numbered)
    seq = head.seq + len(rows)
    _move(tx, seq, fingerprint)
    return tx.execute(_EPOCH)[0][0], seq


def _move(tx: Transaction, seq: int, fingerprint: str) -> None:
    tx.execute(_UPDATE, {"the_id": 1, "seq": seq, "fingerprint": fingerprint})
    if tx.dialect == "postgresql":
        tx.execute(_NOTIFY, {"seq": str(seq)})
