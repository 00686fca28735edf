"""When events were committed, as another process sees it that looks at the database all the time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import sleep, time

import attrs

PAUSE = 0.001
"""Seconds between two looks, the most by which an event is taken to be older than it is."""


@attrs.frozen
class Committed:
    """An event of a build."""

    buildid: int
    event: str
    at: float
    """Seconds since the epoch: the last look at which it was not there yet."""


@contextmanager
def committed(path: Path) -> Iterator[Sequence[Committed]]:
    """A list that grows by the events of builds while the context is open."""
    found: list[Committed] = []
    isOver = threading.Event()
    thread = threading.Thread(target=_look, args=(path, found, isOver), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        isOver.set()
        thread.join()


def _look(path: Path, found: list[Committed], isOver: threading.Event) -> None:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        [(newest,)] = database.execute("SELECT max(seq) FROM status_events")
        before = time()
        while not isOver.is_set():
            sleep(PAUSE)
            now = time()
            rows = database.execute(
                "SELECT seq, type, key, event FROM status_events WHERE seq > ? ORDER BY seq", (newest,)
            )
            for seq, kind, key, event in rows.fetchall():
                newest = seq
                if kind == "builds":
                    found.append(Committed(key, event, before))
            before = now


def untilPainted(events: Sequence[Committed], changes: Sequence[tuple[str, str, float]]) -> Sequence[float]:
    """How many milliseconds passed from each event to the frame that shows it, of those builds that were to be seen.

    ``changes``: a build's id, its looks, and when these were painted, in milliseconds since the epoch. A new build is
    shown by its first looks, a finished one by the first that are not those of one that runs.
    """
    shown: dict[int, list[tuple[str, float]]] = {}
    for buildid, looks, at in changes:
        shown.setdefault(int(buildid), []).append((looks, at))
    found = []
    for event in events:
        seen = shown.get(event.buildid, [])
        began = 1000 * event.at
        if event.event == "new" and seen and seen[0][1] >= began:
            found.append(seen[0][1] - began)
        # Else it was finished before anybody saw it run.
        elif event.event == "finished" and seen and "status-running" in seen[0][0] and seen[0][1] < began:
            ended = next((at for looks, at in seen if "status-running" not in looks), None)
            if ended is not None and ended >= began:
                found.append(ended - began)
    return found
