"""Steps of builds."""

from __future__ import annotations

import json

import attrs
from sqlalchemy import bindparam, select

from buildbot.db import schema
from buildbot.db.writes.transaction import Transaction, insertInto

LONGEST_NAME = 50

_steps = schema.steps
_INSERT = insertInto(_steps, "number", "name", "buildid", "state_string", "urls_json", returning="id")
_OTHERS = select(_steps.c.name, _steps.c.number).where(_steps.c.buildid == bindparam("buildid"))


@attrs.frozen
class Added:
    """A step that was made, its number within the build, and the name that it got."""

    stepid: int
    number: int
    name: str


def add(tx: Transaction, now: int, buildid: int, name: str, state: str = "pending") -> Added:
    """Add a step to a build; its name is made unique by a suffix ``_1``, ``_2``, …, and cut to 50 characters."""
    others: dict[str, int] = dict(tx.execute(_OTHERS, {"buildid": buildid}))
    number = max(others.values(), default=-1) + 1
    unique, suffix = name[:LONGEST_NAME], 1
    while unique in others:
        ending = f"_{suffix}"
        unique, suffix = f"{name[: LONGEST_NAME - len(ending)]}{ending}", suffix + 1
    values = {"number": number, "name": unique, "buildid": buildid, "state_string": state, "urls_json": "[]"}
    stepid: int = tx.execute(_INSERT, values)[0][0]
    tx.announce("steps", stepid, "new")
    return Added(stepid, number, unique)


def start(tx: Transaction, now: int, stepid: int) -> None:
    """It begins, perhaps by waiting for its locks."""
    tx.change("steps", stepid, "started", started_at=now)


def locksAcquired(tx: Transaction, now: int, stepid: int) -> None:
    """It has its locks, or needs none."""
    tx.change("steps", stepid, "updated", locks_acquired_at=now)


def setState(tx: Transaction, now: int, stepid: int, state: str) -> None:
    """What it does, in words."""
    tx.change("steps", stepid, "updated", state_string=state)


def addUrl(tx: Transaction, now: int, stepid: int, name: str, url: str) -> None:
    """Add a link, unless it has the same already."""
    new, urls = {"name": name, "url": url}, tx.record("steps", stepid)["urls"]
    if new not in urls:
        tx.change("steps", stepid, "updated", urls_json=json.dumps([*urls, new]))


def finish(tx: Transaction, now: int, stepid: int, results: int, hidden: bool = False) -> None:
    """It has ended."""
    tx.change("steps", stepid, "finished", complete_at=now, results=results, hidden=int(hidden))
